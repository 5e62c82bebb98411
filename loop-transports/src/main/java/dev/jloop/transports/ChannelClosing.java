package dev.jloop.transports;

import dev.jloop.core.ChannelClaim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;

/// How a link ends the channel that it has claimed.
final class ChannelClosing {
    private ChannelClosing() {}

    /// Stops watching a channel and closes it. Does nothing where it is closed already.
    ///
    /// @param link whose channel it is, for the message of a failure
    static void close(ChannelClaim claim, SelectableChannel channel, Object link) {
        if (!channel.isOpen()) {
            return;
        }
        claim.end();
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot close " + link, failure);
        }
    }
}
