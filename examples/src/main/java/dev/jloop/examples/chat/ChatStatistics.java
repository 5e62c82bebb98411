package dev.jloop.examples.chat;

/// What a chat server has done for its clients.
///
/// @param clients how many are connected
/// @param rooms how many rooms have somebody inside
/// @param waitingBytes what waits in memory to be sent to all of them
/// @param largestQueueBytes what waits for the one of them for whom most waits
/// @param heldBack how many do not hear anything at present, for they have to catch up
/// @param cut how many have been cut so far, for they did not keep up
/// @param missedLines how many lines were not sent so far to those who were held back
public record ChatStatistics(
        int clients,
        int rooms,
        long waitingBytes,
        long largestQueueBytes,
        int heldBack,
        int cut,
        long missedLines) {}
