package dev.jloop.benchmarks.sidebyside;

import static java.util.stream.Collectors.toMap;

import dev.jloop.benchmarks.peers.PeerMain;
import dev.jloop.benchmarks.peers.Service;
import dev.jloop.executor.RunOptions;
import dev.jloop.executor.Subprocesses;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// Finds out which servers can be started on this machine.
final class Peers {
    private static final List<String> MOUNTED =
            List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED", "-Djloop.engine=mounted");

    private static final List<String> EPOLL =
            Stream.concat(
                            MOUNTED.stream(),
                            Stream.of(
                                    "--add-exports",
                                    "java.base/sun.nio.ch=ALL-UNNAMED",
                                    "-Djloop.poller=epoll"))
                    .toList();

    /// Else Netty warns, and does without `Unsafe`. All have them, for what the JVM makes of it.
    private static final List<String> NETTY =
            List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    private static final List<String> BATON = List.of("-Djloop.engine=baton");

    /// The JDK's HTTP server else closes connections beyond 200 that wait, and holds answers back.
    private static final List<String> VIRTUAL_THREADS =
            List.of(
                    "-Dsun.net.httpserver.maxIdleConnections=10000",
                    "-Dsun.net.httpserver.nodelay=true");

    private final Tools tools;
    private final Missing missing;
    private final List<Peer> found = new ArrayList<>();

    private Peers(Tools tools, Missing missing) {
        this.tools = tools;
        this.missing = missing;
    }

    /// Builds and lists them; the one that others are compared with comes first. Suspends.
    ///
    /// @param variants options of the JVM with which our servers are to be started too, by name
    /// @param missing is told what cannot be started, and why
    static List<Peer> find(Tools tools, Map<String, String> variants, Missing missing) {
        var peers = new Peers(tools, missing);
        missing.tryAdd("no C peer", peers::addC);
        peers.addJvms();
        variants.forEach(peers::addVariant);
        missing.tryAdd("no asyncio", peers::addPython);
        missing.tryAdd("no Go peer", peers::addGo);
        missing.tryAdd("no Node peer", peers::addNode);
        return peers.found;
    }

    /// {@return one loop and two, on processors of the system's choice}
    static List<Peer> scaling() {
        return Stream.of("jloop-protocol-1-loop", "jloop-protocol-2-loops")
                .map(name ->
                        new Peer(
                                name, Map.of(Service.ECHO, jvm(name, MOUNTED, Service.ECHO)), true))
                .toList();
    }

    private void addC() throws IOException {
        var program = tools.build("echo.c", List.of(Tools.require("cc"), "-O2", "-o"));
        addForeign("c-epoll", Map.of(Service.ECHO, List.of(program.toString())));
    }

    private void addJvms() {
        addJvm("jloop-protocol", MOUNTED);
        addJvm("jloop-streams", MOUNTED);
        addJvm("jloop-protocol-baton", "jloop-protocol", BATON);
        addJvm("jloop-streams-baton", "jloop-streams", BATON);
        var selector = jvm("selector", List.of(), Service.ECHO);
        found.add(new Peer("selector", Map.of(Service.ECHO, selector), true));
        addJvm("netty-nio", List.of());
        if (System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64")) {
            var nativeEpoll = jvm("native-epoll", List.of(), Service.ECHO);
            found.add(new Peer("native-epoll", Map.of(Service.ECHO, nativeEpoll), true));
            addJvm("jloop-protocol-epoll", "jloop-protocol", EPOLL);
            addJvm("jloop-streams-epoll", "jloop-streams", EPOLL);
            if (missing.tryAdd("no netty-epoll", Epoll::ensureAvailability)) {
                addJvm("netty-epoll", List.of());
            }
            if (missing.tryAdd("no netty-io_uring", IoUring::ensureAvailability)) {
                addJvm("netty-io_uring", List.of());
            }
        } else {
            missing.add("no native transports: they are for Linux on amd64");
        }
        addJvm("vertx", List.of());
        addJvm("virtual-threads", VIRTUAL_THREADS);
    }

    private void addVariant(String name, String options) {
        var all = new ArrayList<>(MOUNTED);
        all.addAll(List.of(options.strip().split("\\s+", -1)));
        addJvm("jloop-protocol-" + name, "jloop-protocol", all);
        addJvm("jloop-streams-" + name, "jloop-streams", all);
    }

    private void addPython() throws IOException {
        var pythons = new LinkedHashSet<String>();
        for (var name : List.of("python3", "/usr/bin/python3")) {
            var python = Tools.find(name);
            if (python.isPresent()) {
                missing.tryAdd(
                        python.get(),
                        () ->
                                pythons.add(
                                        resolve(
                                                python.get(),
                                                "-c",
                                                "import sys; print(sys.executable)")));
            }
        }
        if (pythons.isEmpty()) {
            throw new IOException("there is no python3 that runs");
        }
        var script = tools.unpack("echo.py");
        addPython("asyncio", pythons.iterator().next(), script, List.of());
        Optional<String> uvloop = Optional.empty();
        for (var python : pythons) {
            if (uvloop.isEmpty() && succeeds(python, "-c", "import uvloop")) {
                uvloop = Optional.of(python);
            }
        }
        if (uvloop.isPresent()) {
            addPython("uvloop", uvloop.get(), script, List.of("uvloop"));
        } else {
            missing.add("no uvloop: python3 has no module of that name");
        }
    }

    private void addPython(String name, String python, Path script, List<String> more) {
        for (var kind : List.of("protocol", "streams")) {
            var command = new ArrayList<>(List.of(python, script.toString(), kind));
            command.addAll(more);
            addForeign(name + "-" + kind, Map.of(Service.ECHO, command));
        }
    }

    private void addGo() throws IOException {
        var compiler = List.of(Tools.require("go"), "build", "-o");
        var program = tools.build("server.go", compiler).toString();
        addForeign("go", forAll(service -> List.of(program, service.word())));
    }

    private void addNode() throws IOException {
        var node = resolve(Tools.require("node"), "-p", "process.execPath");
        var script = tools.unpack("server.js").toString();
        addForeign("node", forAll(service -> List.of(node, script, service.word())));
    }

    /// {@return the program behind what may be a script that chooses one}
    private static String resolve(String... question) throws IOException {
        return Subprocesses.run(question).stdoutText().strip();
    }

    private static boolean succeeds(String... command) throws IOException {
        var options = RunOptions.DEFAULTS.withCheck(false);
        return Subprocesses.run(options, command).exitCode() == 0;
    }

    private void addJvm(String name, List<String> options) {
        addJvm(name, name, options);
    }

    private void addJvm(String name, String kind, List<String> options) {
        found.add(new Peer(name, forAll(service -> jvm(kind, options, service)), true));
    }

    private void addForeign(String name, Map<Service, List<String>> commands) {
        found.add(new Peer(name, commands, false));
    }

    private static Map<Service, List<String>> forAll(Function<Service, List<String>> command) {
        return Stream.of(Service.values()).collect(toMap(Function.identity(), command));
    }

    private static List<String> jvm(String kind, List<String> options, Service service) {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command = new ArrayList<>(List.of(java, "-cp", System.getProperty("java.class.path")));
        command.addAll(NETTY);
        command.addAll(options);
        command.addAll(List.of(PeerMain.class.getName(), kind, service.word()));
        return command;
    }
}
