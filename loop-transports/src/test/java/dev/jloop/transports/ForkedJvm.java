package dev.jloop.transports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts main classes of the test sources in a JVM of their own, as a [Peer]: where a test needs
/// other limits than its own JVM has.
final class ForkedJvm {
    private ForkedJvm() {}

    /// @param mostDescriptors what `ulimit -n` is to be
    /// @param options for the JVM
    static Peer start(Class<?> main, int mostDescriptors, List<String> options, String... arguments)
            throws IOException {
        var command = new ArrayList<String>();
        command.addAll(List.of("sh", "-c", "ulimit -n " + mostDescriptors + "; exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        command.addAll(sameEngine());
        command.addAll(options);
        var ofSurefire = System.getProperty("surefire.test.class.path");
        command.add("-cp");
        command.add(ofSurefire == null ? System.getProperty("java.class.path") : ofSurefire);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return Peer.start(command.toArray(String[]::new));
    }

    private static List<String> sameEngine() {
        var engine = System.getProperty("jloop.engine");
        if (engine == null) {
            return List.of();
        }
        return engine.equals("mounted")
                ? List.of("--add-opens=java.base/java.lang=ALL-UNNAMED", "-Djloop.engine=mounted")
                : List.of("-Djloop.engine=" + engine);
    }
}
