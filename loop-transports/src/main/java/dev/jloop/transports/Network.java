package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NetworkChannel;
import java.util.List;
import java.util.function.Consumer;

/// Where connections come from: the sockets of this machine, or a simulated network in a test.
///
/// Everything above, that is [Net], servers and transports with their buffers and flow control, is
/// the same code on any network. A network provides only what a kernel does: names, connecting,
/// listening, and bytes moved without waiting. Tests put another one in place, before the first
/// connection, with `loop.provideService(Network.class, network)`.
///
/// The methods here are called in the coroutine, and so in the context, of whoever connects or
/// listens: a network with several hosts can tell by a context variable which host the caller is
/// on.
///
/// **Threading:** loop thread only.
///
/// @since 0.1
public interface Network {
    /// {@return the network of a loop: the one provided, else the sockets of this machine}
    ///
    /// @param loop the loop
    static Network of(EventLoop loop) {
        return loop.service(Network.class, SocketNetwork::new);
    }

    /// Finds the addresses of a host. May suspend.
    ///
    /// @param host a name, or an address in literal form
    /// @return at least one address, in order of preference
    /// @throws IOException if there is none; the message names the host
    List<InetAddress> resolve(String host) throws IOException;

    /// Connects to one address. Suspends until the connection is made or has failed. Cancelled at
    /// any moment it leaves nothing open.
    ///
    /// @param remote where to connect to; an internet address is resolved
    /// @param local where to connect from, or null for any address
    /// @return one end of the connection, without a reader or a writer
    /// @throws IOException if it failed. The message gives the reason without the remote address,
    ///   for instance `Connection refused`; the caller adds it. A `java.net.BindException` says
    ///   that the local address cannot be used, and names it; then the caller tries another one
    Link connect(SocketAddress remote, @Nullable SocketAddress local) throws IOException;

    /// Starts to listen, so that connections can be made and wait to be accepted. May suspend;
    /// cancelled it leaves nothing open.
    ///
    /// @param address where to listen; an internet address is resolved, and port 0 means any free
    ///   one
    /// @param options the backlog, whether the port may be shared, whether the connections are
    ///   probed, whether socket files are cleaned up; the rest is the caller's affair
    /// @return the listener, without a reader
    /// @throws IOException if it failed: a `java.net.BindException` where the address is taken or
    ///   not of this machine. The message gives the reason without the address
    Listener listen(SocketAddress address, ListenOptions options) throws IOException;

    /// Opens an endpoint for datagrams. May suspend; cancelled it leaves nothing open.
    ///
    /// A network without datagrams need not implement it, and then tells so.
    ///
    /// @param local where to receive, or null for any address and any free port; an internet
    ///   address is resolved, and port 0 means any free one
    /// @param remote whom to connect to: then datagrams go to and come from there only, and errors
    ///   of sending are told; null for everyone. An internet address is resolved
    /// @param options the settings of the socket; the bound of the queue is the caller's affair
    /// @return the endpoint, without a reader or a writer
    /// @throws IOException if it failed: a `java.net.BindException` where the local address is
    ///   taken or not of this machine. The message gives the reason without the address
    /// @throws UnsupportedOperationException if the network has no datagrams
    default DatagramLink bindDatagram(
            @Nullable SocketAddress local, @Nullable SocketAddress remote, DatagramOptions options)
            throws IOException {
        throw new UnsupportedOperationException(
                "the network "
                        + getClass().getName()
                        + " has no datagrams: it does not implement Network.bindDatagram");
    }

    /// One end of a connection, as a kernel offers it. Nothing in it waits.
    ///
    /// Readiness is level-triggered: a reader runs in every turn in which [#read(ByteBuffer)] would
    /// give bytes, the end of the stream or an error, and a writer in every turn in which
    /// [#write(ByteBuffer[], int, int)] would take bytes or throw.
    interface Link {
        /// Reads what is there.
        ///
        /// @param into where to, from its position on; it has space
        /// @return how many bytes; 0 if there are none now; -1 at the end of the stream
        /// @throws IOException if the connection is broken, for instance reset by the peer
        int read(ByteBuffer into) throws IOException;

        /// Writes as much as is taken now, and moves the positions accordingly.
        ///
        /// @param data buffers, of which some are sent
        /// @param offset the first of them
        /// @param count how many of them, at least 1
        /// @return how many bytes were taken; fewer than given if no more fit
        /// @throws IOException if the connection is broken
        long write(ByteBuffer[] data, int offset, int count) throws IOException;

        /// Writes a part of a file, as much as is taken now.
        ///
        /// @param file the file
        /// @param offset where to start
        /// @param count how many bytes at most, at least 1
        /// @return how many bytes were taken; 0 if no more fit, or at the end of the file
        /// @throws IOException if the file cannot be read or the connection is broken
        long transferFrom(FileChannel file, long offset, long count) throws IOException;

        /// Tells the peer that no more bytes come, after those already taken. Reading goes on.
        ///
        /// @throws IOException if the connection is broken
        void shutdownOutput() throws IOException;

        /// {@return whether [#shutdownOutput()] works here}
        default boolean canShutdownOutput() {
            return true;
        }

        /// {@return whether bytes can come from the peer: false on the writing end of a pipe, whose
        /// reader is told of a failure only}
        default boolean canRead() {
            return true;
        }

        /// {@return whether bytes can be sent to the peer: false on the reading end of a pipe,
        /// where the end of the stream ends the connection}
        default boolean canWrite() {
            return true;
        }

        /// Runs `callback` in each turn in which there is something to read, until
        /// [#removeReader()]. It replaces the reader there was, and runs in the current context.
        ///
        /// @param callback what to run
        void addReader(Runnable callback);

        /// Ends [#addReader(Runnable)]; does nothing where there is no reader.
        void removeReader();

        /// Runs `callback` in each turn in which bytes can be written, until [#removeWriter()]. It
        /// replaces the writer there was, and runs in the current context.
        ///
        /// @param callback what to run
        void addWriter(Runnable callback);

        /// Ends [#addWriter(Runnable)]; does nothing where there is no writer.
        void removeWriter();

        /// Says goodbye before [#close()], where a connection has to: TLS tells the peer and waits
        /// for its answer. Called at most once, when everything has been written; nothing is read
        /// or written by the caller any more.
        ///
        /// @param said runs once, in this call or later, unless the link is closed or reset before:
        ///   with null, or with why the goodbye failed
        default void sayGoodbye(Consumer<@Nullable IOException> said) {
            said.accept(null);
        }

        /// Ends the connection, with its reader and writer. The bytes already taken are still
        /// delivered, then the peer reads the end of the stream. A second call does nothing, nor
        /// does one after [#reset()].
        void close();

        /// Ends the connection, with its reader and writer, and drops what is under way: the peer
        /// gets an error. A second call does nothing, nor does one after [#close()].
        void reset();

        /// {@return the address of this end}
        SocketAddress localAddress();

        /// {@return the address of the other end}
        SocketAddress remoteAddress();

        /// {@return a view of the socket for its options, or null where there is no socket}
        @Nullable NetworkChannel channel();

        /// {@return whether the host it was on has ceased, as a simulated host does that crashes}
        ///
        /// Then nothing of it is called or reported any more: its protocol hears nothing, and what
        /// was left open is forgotten without a word. It stays so once it is so.
        default boolean isGone() {
            return false;
        }

        /// {@return a piece of further information beside addresses and channel, or null}
        ///
        /// @param key which one
        /// @param <T> its type
        default <T> @Nullable T extra(Key<T> key) {
            return null;
        }
    }

    /// An endpoint for datagrams, as a kernel offers it. Nothing in it waits.
    ///
    /// Readiness is level-triggered: a reader runs in every turn in which [#receive(ByteBuffer)]
    /// would give a datagram or an error, and a writer in every turn in which [#send(ByteBuffer,
    /// SocketAddress)] would take a small one or throw.
    interface DatagramLink {
        /// Receives one datagram.
        ///
        /// @param into where to, from its position on. What does not fit is lost without a word, so
        ///   the caller has space for one byte more than he takes
        /// @return the sender, or null if there is no datagram now
        /// @throws java.net.PortUnreachableException if nobody received what was sent to the
        ///   address this endpoint is connected to
        /// @throws IOException if something else went wrong; the endpoint stays usable unless it is
        ///   a `java.nio.channels.ClosedChannelException`
        @Nullable SocketAddress receive(ByteBuffer into) throws IOException;

        /// Sends one datagram, if it is taken now, and then moves the position to the limit.
        ///
        /// Sockets of the JDK do not tell whether they have taken an empty datagram, and say yes.
        /// So the caller sends an empty one only as the first of a call of the writer: then there
        /// is space.
        ///
        /// @param data the datagram
        /// @param to where to; null on an endpoint that is connected
        /// @return whether it was taken
        /// @throws java.net.PortUnreachableException if nobody received what was sent before to the
        ///   address this endpoint is connected to; this datagram was not sent then
        /// @throws IOException if this datagram cannot be sent; the endpoint stays usable unless it
        ///   is a `java.nio.channels.ClosedChannelException`. The message gives the reason without
        ///   the address
        boolean send(ByteBuffer data, @Nullable SocketAddress to) throws IOException;

        /// Receives what is sent to a multicast group too.
        ///
        /// @param group a multicast address
        /// @param via the interface on which to receive
        /// @param source whose datagrams, or null for those of everyone
        /// @return the membership; it ends with the endpoint
        /// @throws IOException if it failed; the message gives the reason without the address
        /// @throws IllegalArgumentException if `source` is not the address of a sender
        /// @throws IllegalStateException if the endpoint has joined already
        /// @throws UnsupportedOperationException if the network has no multicast
        default Membership joinGroup(
                InetAddress group, NetworkInterface via, @Nullable InetAddress source)
                throws IOException {
            throw new UnsupportedOperationException(
                    "the network has no multicast: "
                            + getClass().getName()
                            + " does not implement joinGroup");
        }

        /// Runs `callback` in each turn in which there is something to receive, until
        /// [#removeReader()]. It replaces the reader there was, and runs in the current context.
        ///
        /// @param callback what to run
        void addReader(Runnable callback);

        /// Ends [#addReader(Runnable)]; does nothing where there is no reader.
        void removeReader();

        /// Runs `callback` in each turn in which datagrams can be sent, until [#removeWriter()]. It
        /// replaces the writer there was, and runs in the current context.
        ///
        /// @param callback what to run
        void addWriter(Runnable callback);

        /// Ends [#addWriter(Runnable)]; does nothing where there is no writer.
        void removeWriter();

        /// Ends the endpoint, with its reader, writer and memberships. What was taken is still
        /// delivered. A second call does nothing.
        void close();

        /// {@return the address of this endpoint, with the actual port}
        SocketAddress localAddress();

        /// {@return the address this endpoint is connected to, or null}
        @Nullable SocketAddress remoteAddress();

        /// {@return a view of the socket for its options, or null where there is no socket}
        @Nullable NetworkChannel channel();

        /// {@return whether the host it was on has ceased} See [Link#isGone()].
        default boolean isGone() {
            return false;
        }
    }

    /// An address on which connections wait to be accepted.
    interface Listener {
        /// {@return the address, with the actual port}
        SocketAddress address();

        /// Accepts a connection.
        ///
        /// @return this end of it, or null if none waits
        /// @throws IOException if connections cannot be accepted now, for instance because the
        ///   process has no descriptors left; the caller pauses and tries again later
        @Nullable Link accept() throws IOException;

        /// Runs `callback` in each turn in which a connection waits, or accepting would throw,
        /// until [#removeReader()]. It replaces the reader there was, and runs in the current
        /// context.
        ///
        /// @param callback what to run
        void addReader(Runnable callback);

        /// Ends [#addReader(Runnable)]; does nothing where there is no reader.
        void removeReader();

        /// Stops listening. Connections that wait are refused. A second call does nothing.
        void close();

        /// {@return whether the host it was on has ceased} See [Link#isGone()].
        default boolean isGone() {
            return false;
        }
    }
}
