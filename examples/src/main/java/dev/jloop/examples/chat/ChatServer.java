package dev.jloop.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.streams.LimitOverrunException;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Key;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Server;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// A chat service: lines of UTF-8 text go to everybody in the same room, in one order for all.
///
/// A client sends `/nick NAME`, then `/join ROOM`, and then what it has to say; `/leave`, `/who`,
/// `/rooms` and `/quit` do what they say, and an empty line only shows that the client is there. It
/// gets `<NAME> text` for what was said, its own words too, lines that begin with `*` for news, and
/// with `!` for what it has done wrong.
///
/// A client that does not keep up is cut or held back, as the operator chooses: see [ChatOptions]
/// and [SlowReaders]. It never delays others, and what waits for it is bounded. What a client says
/// is complete with its line feed; a line that was cut off is not passed on.
///
/// **Threading:** loop thread only.
public final class ChatServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChatServer.class);
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_-]{1,24}");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}&&[^\t]]");
    private static final int SEND_BUFFER_BYTES = 16 * 1024;

    private final ChatOptions options;
    private final NavigableMap<String, Room> rooms = new TreeMap<>();
    private final Map<String, Member> named = new HashMap<>();
    private final Set<Member> members = new LinkedHashSet<>();
    private final Set<Task<?>> handlers = new LinkedHashSet<>();
    private int cut;
    private long missedLines; // of those who have left
    private @Nullable Server server;

    private ChatServer(ChatOptions options) {
        this.options = options;
    }

    /// Listens and serves until [#close()] or [#shutdown(Duration)]. Suspends.
    ///
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param options the settings
    /// @return the server, which listens already
    /// @throws IOException if the address cannot be listened on; its message names the address
    public static ChatServer start(String host, int port, ChatOptions options) throws IOException {
        var chat = new ChatServer(options);
        var streamOptions =
                StreamOptions.DEFAULTS
                        .withLimit(options.longestLineBytes())
                        .withListen(
                                ListenOptions.DEFAULTS.withMaxConnections(options.mostClients()));
        try {
            chat.server = Streams.startServer(chat::serve, host, port, streamOptions);
            return chat;
        } catch (IOException failure) {
            throw new IOException(
                    "cannot listen on " + host + ":" + port + ": " + failure.getMessage(), failure);
        }
    }

    private Server server() {
        if (server == null) {
            throw new IllegalStateException("the server has not started");
        }
        return server;
    }

    /// {@return the port that the server listens on}
    ///
    /// @throws IllegalStateException if it is closed
    public int port() {
        var addresses = server().addresses();
        if (addresses.isEmpty()) {
            throw new IllegalStateException("the chat server is closed and has no port any more");
        }
        return ((InetSocketAddress) addresses.getFirst()).getPort();
    }

    /// {@return how many clients are connected}
    public int clientCount() {
        return members.size();
    }

    /// {@return how many rooms have somebody inside}
    public int roomCount() {
        return rooms.size();
    }

    /// {@return what is and was} Takes a moment for each client.
    public ChatStatistics statistics() {
        var queues = members.stream().mapToLong(Member::waitingBytes).summaryStatistics();
        return new ChatStatistics(
                members.size(),
                rooms.size(),
                queues.getSum(),
                Math.max(0, queues.getMax()),
                (int) members.stream().filter(Member::isHeldBack).count(),
                cut,
                missedLines + members.stream().mapToLong(Member::missedLines).sum());
    }

    /// Suspends until the current task is cancelled.
    public void serveForever() {
        EventLoop.current().createFuture().await();
    }

    /// Stops listening, tells the clients so, and ends their connections as soon as they have got
    /// what was said. Suspends, not much longer than `grace`. Cancelled it cuts all connections.
    ///
    /// @param grace how long the clients may take
    /// @return whose connections were cut
    public Server.ShutdownReport shutdown(Duration grace) {
        server().close();
        members.forEach(member -> member.tell("* the server is closing"));
        server().closeClients(); // the handlers read to the end, and end
        var report = server().shutdown(grace);
        if (!handlers.isEmpty()) {
            var _ = Async.waitAll(Set.copyOf(handlers));
        }
        return report;
    }

    /// Stops listening and ends all connections at once.
    @Override
    public void close() {
        server().close();
        server().abortClients();
    }

    // ---- one client

    private void serve(StreamReader reader, StreamWriter writer) {
        var task = Async.currentTask();
        var member = new Member(writer, options);
        handlers.add(task);
        members.add(member);
        try {
            limitSendBuffer(writer);
            var farewell = converse(reader, member);
            forget(member, farewell);
            member.part();
        } finally {
            forget(member, "cut off");
            cut += member.isDropped() ? 1 : 0;
            handlers.remove(task);
        }
    }

    /// What waits in the kernel counts too, which takes some megabytes for each if it is let.
    private static void limitSendBuffer(StreamWriter writer) {
        var channel = writer.extra(Key.CHANNEL);
        try {
            if (channel != null) { // there is none on a simulated network
                channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
            }
        } catch (IOException gone) {
            LOG.debug("a client is gone already: {}", gone.toString());
        }
    }

    /// {@return why the conversation is over}
    private String converse(StreamReader reader, Member member) {
        member.tell("* welcome; /nick NAME and /join ROOM, then talk");
        try {
            while (true) {
                var line = Timeout.after(options.silence()).call(reader::readLine);
                if (!isComplete(line) || !obey(member, new String(line, UTF_8).stripTrailing())) {
                    return "";
                }
                member.awaitTurn();
            }
        } catch (LimitOverrunException tooLong) {
            member.tell("! a line may have " + options.longestLineBytes() + " bytes at most");
            return "line too long";
        } catch (TimedOutException silent) {
            member.tell("! nothing came from you for " + options.silence());
            return "silent";
        } catch (IOException gone) {
            LOG.debug("{} is gone: {}", member, gone.toString());
            return member.isDropped() ? "too slow" : "connection lost";
        }
    }

    private static boolean isComplete(byte[] line) {
        return line.length > 0 && line[line.length - 1] == '\n';
    }

    private void forget(Member member, String reason) {
        leave(member, reason);
        if (members.remove(member)) {
            missedLines += member.missedLines();
        }
        if (member.name() != null) {
            named.remove(member.name(), member);
        }
    }

    // ---- what clients can do

    /// {@return whether the conversation goes on} Suspends after what others get to hear.
    private boolean obey(Member member, String line) {
        if (line.isEmpty()) {
            return true; // a sign of life
        }
        if (!line.startsWith("/")) {
            say(member, line);
            return true;
        }
        var words = line.split(" ", 2);
        var argument = words.length == 1 ? "" : words[1].strip();
        switch (words[0]) {
            case "/nick" -> rename(member, argument);
            case "/join" -> join(member, argument);
            case "/leave" -> leave(member, "");
            case "/who" -> member.tell(who(member));
            case "/rooms" -> member.tell("* rooms: " + Room.list(rooms.keySet()));
            case "/quit" -> {
                return false;
            }
            default ->
                    member.tell(
                            "! there is no "
                                    + printable(words[0])
                                    + ", only /nick, /join, /leave, /who, /rooms and /quit");
        }
        rest();
        return true;
    }

    private void say(Member member, String line) {
        var room = member.room();
        if (room == null) {
            member.tell("! nobody hears you; /join ROOM first");
        } else {
            room.broadcast("<" + member.name() + "> " + printable(line));
        }
        rest();
    }

    private void rest() {
        if (options.pause().isZero()) {
            Async.yieldNow();
        } else {
            Async.sleep(options.pause());
        }
    }

    /// Nobody may paint on the terminals of others.
    private static String printable(String text) {
        return CONTROL.matcher(text).replaceAll("?");
    }

    private void rename(Member member, String name) {
        if (!isName(member, name)) {
            return;
        }
        if (named.putIfAbsent(name, member) != null) {
            member.tell("! the name " + name + " is taken");
            return;
        }
        var old = member.name();
        if (old != null) {
            named.remove(old);
        }
        member.rename(name);
        member.tell("* you are " + name);
        var room = member.room();
        if (room != null) {
            room.broadcast("* " + old + " is now " + name);
        }
    }

    private void join(Member member, String name) {
        if (member.name() == null) {
            member.tell("! /nick NAME first");
        } else if (isName(member, name)) {
            leave(member, "");
            var room = rooms.computeIfAbsent(name, Room::new);
            room.add(member);
            member.moveTo(room);
            room.broadcast("* " + member.name() + " joined " + name);
        }
    }

    private void leave(Member member, String reason) {
        var room = member.room();
        if (room == null) {
            return;
        }
        room.broadcast(
                "* "
                        + member.name()
                        + " left "
                        + room.name()
                        + (reason.isEmpty() ? "" : " (" + reason + ")"));
        room.remove(member);
        member.moveTo(null);
        if (room.isEmpty()) {
            rooms.remove(room.name());
        }
    }

    private static String who(Member member) {
        var room = member.room();
        return room == null
                ? "! you are in no room; /join ROOM first"
                : "* in " + room.name() + ": " + room.names();
    }

    private static boolean isName(Member member, String name) {
        var valid = NAME.matcher(name).matches();
        if (!valid) {
            member.tell(
                    "! a name has 1 to 24 letters, digits, _ or -, and is not '"
                            + printable(name)
                            + "'");
        }
        return valid;
    }
}
