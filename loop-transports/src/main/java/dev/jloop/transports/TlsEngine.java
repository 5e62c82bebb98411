package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/// An `SSLEngine`, with the bytes that wait before and behind it. It reads from and writes to a
/// link that the caller names, and knows nothing of time, of readers and of writers.
///
/// It relies on the contract of `SSLEngine` alone, not on the habits of one provider.
final class TlsEngine {
    /// ```
    /// NONE -alert record, up to TLS 1.2-> ALERT -processed-> GOODBYE, or a failure
    ///  | \-goodbye in the data, TLS 1.3-> GOODBYE
    ///  \--end of the link's stream-> CUT
    /// ```
    enum End {
        /// More may come.
        NONE,

        /// An alert waits to be looked at. Most likely it is the peer's goodbye, and an engine of
        /// TLS 1.2 that sees a goodbye sends nothing any more.
        ALERT,

        /// The peer has said goodbye.
        GOODBYE,

        /// The link has ended without a goodbye.
        CUT
    }

    /// Encrypted and handed to the link at once. What of it the link does not take has to wait
    /// here.
    private static final int MOST_BATCH_BYTES = 64 * 1024;

    /// What may wait to be sent: one batch, and as much again in answers to the peer's messages.
    private static final int MOST_WAITING_BYTES = 3 * MOST_BATCH_BYTES;

    private static final int MOST_ALERT_RECORDS = 8;
    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

    private final SSLEngine engine;
    private final ScratchBuffers scratch;

    /// From the link, still encrypted.
    private final Leftover incoming;

    /// Decrypted, where the reader had too little room.
    private final Leftover plain = new Leftover();

    /// Encrypted, where the link had too little room.
    private final Leftover outgoing = new Leftover();

    private End end = End.NONE;
    private boolean mayReadAlert = true;
    private boolean handshakeFinished;
    private boolean writeBlocked;

    /// To be thrown once what was decrypted before it has been handed over.
    private @Nullable IOException failure;

    /// @param received bytes that were read from the link already
    TlsEngine(SSLEngine engine, ScratchBuffers scratch, Leftover received) {
        this.engine = engine;
        this.scratch = scratch;
        incoming = received;
    }

    SSLEngine sslEngine() {
        return engine;
    }

    End end() {
        return end;
    }

    /// {@return whether nothing goes on until [#runTasks()] has been called}
    boolean needsTasks() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK;
    }

    /// Runs what the engine has delegated. **Threading:** any thread.
    void runTasks() {
        for (var task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /// {@return whether encrypted bytes wait for the link}
    boolean hasOutput() {
        return !outgoing.isEmpty();
    }

    /// {@return whether nothing can be encrypted until the peer has gone on with a handshake}
    boolean isWriteBlocked() {
        return writeBlocked;
    }

    /// {@return whether a read would give something without the link}
    boolean hasBufferedInput() throws SSLException {
        return !plain.isEmpty()
                || failure != null
                || end == End.GOODBYE
                || (!incoming.isEmpty()
                        && end == End.NONE
                        && !needsTasks()
                        && TlsRecord.isComplete(incoming.peek()));
    }

    // ---- the handshake

    /// Goes on with the first handshake as far as it gets without waiting.
    ///
    /// @return whether it has ended; false if it waits for the peer, or [#needsTasks()]
    boolean shakeHands(Network.Link link) throws IOException {
        try {
            while (!handshakeFinished) {
                var goesOn =
                        switch (engine.getHandshakeStatus()) {
                            case NEED_TASK -> false;
                            case NEED_WRAP -> {
                                wrapMessage();
                                yield true;
                            }
                            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> receiveMessage(link);
                            case NOT_HANDSHAKING, FINISHED -> {
                                checkOpen();
                                handshakeFinished = true;
                                yield true;
                            }
                        };
                if (!goesOn) {
                    break;
                }
            }
        } catch (SSLException broken) {
            sendAlert(link, broken);
            throw broken;
        }
        outgoing.sendTo(link);
        return handshakeFinished;
    }

    private void checkOpen() throws SSLException {
        if (engine.isInboundDone() || engine.isOutboundDone()) {
            throw new SSLException("the connection was ended during the handshake");
        }
    }

    /// Decrypts one message of the handshake.
    ///
    /// @return false if the peer has to send more first
    private boolean receiveMessage(Network.Link link) throws IOException {
        var bytes = scratch.take();
        try {
            incoming.moveTo(bytes);
            if (!TlsRecord.isComplete(bytes.flip())) {
                outgoing.sendTo(link); // the peer may be waiting for it
                if (!receive(link, bytes, TlsRecord.MOST_BYTES)) {
                    return false;
                }
            }
            return TlsRecord.isComplete(bytes) && unwrapMessage(bytes);
        } finally {
            incoming.append(bytes);
            scratch.giveBack(bytes);
        }
    }

    private boolean unwrapMessage(ByteBuffer bytes) throws SSLException {
        var decrypted = scratch.take();
        try {
            var result = unwrap(bytes, decrypted);
            plain.append(decrypted.flip());
            noteFinished(result);
            return switch (result.getStatus()) {
                case OK -> handshakeFinished || hasMoved(result) || !needsInput();
                case BUFFER_UNDERFLOW -> false;
                case BUFFER_OVERFLOW -> throw tooLarge();
                case CLOSED ->
                        throw new SSLException(
                                "the peer ended the connection during the handshake");
            };
        } finally {
            scratch.giveBack(decrypted);
        }
    }

    private boolean needsInput() {
        return switch (engine.getHandshakeStatus()) {
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> true;
            default -> false;
        };
    }

    private static boolean hasMoved(SSLEngineResult result) {
        return result.bytesConsumed() > 0 || result.bytesProduced() > 0;
    }

    private void noteFinished(SSLEngineResult result) {
        if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
            handshakeFinished = true;
        }
    }

    /// Encrypts one message that the engine itself wants to send.
    private void wrapMessage() throws SSLException {
        var bytes = scratch.take();
        try {
            var result = wrap(NOTHING, 0, 1, bytes);
            outgoing.append(bytes.flip());
            noteFinished(result);
            if (!hasMoved(result)
                    && result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                    && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                throw new SSLException(
                        "the TLS provider wants to send something and gives nothing: " + result);
            }
            if (outgoing.size() > MOST_WAITING_BYTES) {
                throw new SSLException(
                        "the peer asks for answers that it does not read: "
                                + outgoing.size()
                                + " bytes wait for it");
            }
        } finally {
            scratch.giveBack(bytes);
        }
    }

    /// Tells the peer what is wrong, if the engine has an alert for it and the link takes it.
    private void sendAlert(Network.Link link, SSLException broken) {
        try {
            var count = 0;
            do {
                wrapMessage(); // once in any case: not every provider says that it has an alert
                count++;
            } while (count < MOST_ALERT_RECORDS
                    && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP);
            outgoing.sendTo(link);
        } catch (IOException failed) {
            if (failed != broken) {
                broken.addSuppressed(failed);
            }
        }
    }

    // ---- reading

    /// Reads, as [Network.Link#read(ByteBuffer)] does, and reads the link once at most. Where the
    /// result is 0, [#end()] tells more.
    int read(Network.Link link, ByteBuffer into) throws IOException {
        if (!plain.isEmpty()) {
            return plain.moveTo(into);
        }
        if (failure != null) {
            throw failure;
        }
        if (end == End.GOODBYE) {
            return -1;
        }
        answer();
        var bytes = scratch.take();
        try {
            incoming.moveTo(bytes);
            var count = decrypt(link, bytes.flip(), into);
            if (count == 0
                    && end == End.NONE
                    && !needsTasks()
                    && receive(link, bytes, Math.max(TlsRecord.MOST_BYTES, into.remaining()))) {
                count = decrypt(link, bytes, into);
            }
            outgoing.sendTo(link);
            return count == 0 && end == End.GOODBYE ? -1 : count;
        } finally {
            incoming.append(bytes);
            scratch.giveBack(bytes);
        }
    }

    /// Decrypts what comes although nobody reads, so that a handshake that holds up writing can go
    /// on; until there is something for a reader.
    void readAhead(Network.Link link) throws IOException {
        if (plain.isEmpty()) {
            var ahead = scratch.take();
            try {
                // Room for one record: the rest stays where it is.
                ahead.limit(engine.getSession().getApplicationBufferSize());
                read(link, ahead);
                plain.append(ahead.flip());
            } finally {
                scratch.giveBack(ahead);
            }
        }
    }

    /// Reads the link once, behind the bytes that are there.
    ///
    /// @param most how many bytes may be there then, more than are there now
    /// @return whether anything came
    private boolean receive(Network.Link link, ByteBuffer bytes, int most) throws IOException {
        bytes.compact();
        try {
            bytes.limit(Math.min(bytes.capacity(), most));
            var count = link.read(bytes);
            if (count < 0) {
                end = End.CUT;
            }
            return count > 0;
        } finally {
            bytes.flip();
        }
    }

    private int decrypt(Network.Link link, ByteBuffer bytes, ByteBuffer into) throws IOException {
        var start = into.position();
        try {
            while (goesOn(bytes) && decryptRecord(bytes, into, into.position() > start)) {
                answer();
            }
        } catch (SSLException broken) {
            sendAlert(link, broken);
            if (into.position() == start) {
                throw broken;
            }
            failure = broken;
        }
        return into.position() - start;
    }

    private boolean goesOn(ByteBuffer bytes) throws SSLException {
        if (end != End.NONE || needsTasks() || !plain.isEmpty()) {
            return false;
        }
        if (!TlsRecord.isComplete(bytes)) {
            return engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP_AGAIN;
        }
        if (!mayReadAlert && TlsRecord.isAlert(bytes)) {
            end = End.ALERT;
            return false;
        }
        return true;
    }

    /// @param some whether something was decrypted already
    /// @return false if there is no room for a record, or nothing to be had from this one
    private boolean decryptRecord(ByteBuffer bytes, ByteBuffer into, boolean some)
            throws SSLException {
        if (into.remaining() >= engine.getSession().getApplicationBufferSize()) {
            var result = unwrap(bytes, into);
            if (result.getStatus() != SSLEngineResult.Status.BUFFER_OVERFLOW) {
                return noteResult(result);
            }
        }
        if (some) {
            return false;
        }
        var decrypted = scratch.take();
        try {
            var result = unwrap(bytes, decrypted);
            plain.append(decrypted.flip());
            plain.moveTo(into);
            if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
                throw tooLarge();
            }
            return noteResult(result);
        } finally {
            scratch.giveBack(decrypted);
        }
    }

    private boolean noteResult(SSLEngineResult result) {
        if (result.getStatus() == SSLEngineResult.Status.CLOSED || engine.isInboundDone()) {
            end = End.GOODBYE;
        }
        writeBlocked = false; // a write finds out whether it still is
        return hasMoved(result) || end == End.GOODBYE;
    }

    /// Sends what the engine has to say to what it has just read.
    private void answer() throws SSLException {
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            wrapMessage();
        }
    }

    /// Sends what the engine has to say after its tasks.
    void answer(Network.Link link) throws IOException {
        writeBlocked = false;
        answer();
        outgoing.sendTo(link);
    }

    /// Lets alerts that are seen as such wait, until [#readAlert()].
    void holdAlerts() {
        mayReadAlert = false;
    }

    /// Lets the next read look at the alert that [End#ALERT] tells of.
    void readAlert() {
        mayReadAlert = true;
        end = End.NONE;
    }

    // ---- writing

    /// Writes, as [Network.Link#write(ByteBuffer\[\], int, int)] does. What was taken is encrypted,
    /// and waits here if the link has no room for it.
    long write(Network.Link link, ByteBuffer[] data, int offset, int count) throws IOException {
        if (failure != null) {
            throw failure;
        }
        outgoing.sendTo(link);
        var taken = 0L;
        var bytes = scratch.take();
        try {
            var batch = -1L;
            while (outgoing.isEmpty() && batch != 0 && hasRemaining(data, offset, count)) {
                batch = encrypt(data, offset, count, bytes.clear());
                taken += batch;
                send(link, bytes.flip());
            }
        } finally {
            scratch.giveBack(bytes);
        }
        return taken;
    }

    private static boolean hasRemaining(ByteBuffer[] data, int offset, int count) {
        for (var index = offset; index < offset + count; index++) {
            if (data[index].hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    private void send(Network.Link link, ByteBuffer bytes) throws IOException {
        if (outgoing.isEmpty() && bytes.hasRemaining()) {
            link.write(new ByteBuffer[] {bytes}, 0, 1);
        }
        outgoing.append(bytes);
    }

    /// Encrypts one batch.
    ///
    /// @return how many bytes were taken
    private long encrypt(ByteBuffer[] data, int offset, int count, ByteBuffer bytes)
            throws SSLException {
        var taken = 0L;
        while (bytes.position() < MOST_BATCH_BYTES && hasRemaining(data, offset, count)) {
            var result = wrap(data, offset, count, bytes);
            taken += result.bytesConsumed();
            if (!hasMoved(result)) {
                writeBlocked = needsInput() || needsTasks();
                if (!writeBlocked) {
                    throw new SSLException("the TLS provider takes no data to send: " + result);
                }
                break;
            }
        }
        return taken;
    }

    /// Sends what waits, as far as the link takes it.
    void flush(Network.Link link) throws IOException {
        outgoing.sendTo(link);
    }

    // ---- the end

    /// Says goodbye; [#hasOutput()] tells whether it is on its way.
    void sayGoodbye(Network.Link link) throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            var before = outgoing.size();
            wrapMessage();
            if (outgoing.size() == before) {
                break; // the provider has nothing to say
            }
        }
        outgoing.sendTo(link);
    }

    /// Reads the link once and forgets what came; [#end()] tells whether the peer has ended.
    void discardInput(Network.Link link) throws IOException {
        plain.clear();
        mayReadAlert = true;
        if (end == End.ALERT) {
            end = End.NONE;
        }
        var forgotten = scratch.take();
        try {
            read(link, forgotten);
        } finally {
            scratch.giveBack(forgotten);
        }
    }

    /// Gives up the memory and whatever else the provider holds.
    void release() {
        dropBuffers();
        engine.closeOutbound();
    }

    /// Gives back the memory of all that waits, without a look at the engine: a task that runs may
    /// hold its lock.
    void dropBuffers() {
        incoming.clear();
        plain.clear();
        outgoing.clear();
    }

    // ---- the provider

    private SSLEngineResult unwrap(ByteBuffer bytes, ByteBuffer into) throws SSLException {
        try {
            return engine.unwrap(bytes, into);
        } catch (RuntimeException bug) {
            throw new SSLException("the TLS provider failed to decrypt: " + bug, bug);
        }
    }

    private SSLEngineResult wrap(ByteBuffer[] data, int offset, int count, ByteBuffer bytes)
            throws SSLException {
        SSLEngineResult result;
        try {
            result = engine.wrap(data, offset, count, bytes);
        } catch (RuntimeException bug) {
            throw new SSLException("the TLS provider failed to encrypt: " + bug, bug);
        }
        return switch (result.getStatus()) {
            case OK -> result;
            case CLOSED -> {
                if (hasMoved(result) || !hasRemaining(data, offset, count)) {
                    yield result;
                }
                throw new SSLException(
                        "the TLS connection was ended by the peer, so that nothing can be sent");
            }
            case BUFFER_OVERFLOW, BUFFER_UNDERFLOW -> throw tooLarge();
        };
    }

    private static SSLException tooLarge() {
        return new SSLException(
                "the TLS provider needs more than "
                        + ScratchBuffers.CAPACITY
                        + " bytes for one record");
    }
}
