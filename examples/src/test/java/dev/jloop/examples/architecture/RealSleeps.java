package dev.jloop.examples.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Looks for real sleeps in sources of tests. A test that sleeps is slow where it waits for too
/// long, and fails at times where it waits for too short.
///
/// A short wait on a loop's clock is a real sleep where that clock is the real one. Sources cannot
/// tell which clock a loop has, so that only those are looked at that speak of no virtual clock at
/// all. A long wait, of minutes and more, is there to be cancelled.
final class RealSleeps {
    /// What waits for real time to pass, and for nothing else.
    private static final Pattern SLEEP =
            Pattern.compile(
                    "\\b(?:Thread\\s*\\.\\s*sleep|Thread\\s*::\\s*sleep"
                        + "|(?:NANOSECONDS|MICROSECONDS|MILLISECONDS|SECONDS|MINUTES|HOURS|DAYS)"
                        + "\\s*(?:\\.|::)\\s*sleep|park(?:Nanos|Until)|timedJoin|timedWait"
                        + "|Awaitility|delayedExecutor"
                        + "|import\\s+static\\s+java\\.lang\\.Thread\\.)");

    /// What waits for as long as a test might, on the clock of the loop.
    private static final Pattern WAIT_ON_LOOP =
            Pattern.compile(
                    "\\b(?:sleep|callLater)\\s*\\(\\s*(?:Duration\\s*\\.\\s*)?"
                            + "of(?:Nanos|Millis|Seconds)\\b");

    /// What makes it likely that the clock is a virtual one.
    private static final Pattern VIRTUAL_CLOCK =
            Pattern.compile(
                    "Virtual(?:Time|Clock)|TestRun|LoopTest|Simulated(?:Network|Run)|MemoryNetwork");

    private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);
    private static final Pattern TEXT_BLOCK = Pattern.compile("\"\"\".*?\"\"\"", Pattern.DOTALL);
    private static final Pattern STRING = Pattern.compile("\"(?:\\\\.|[^\"\\\\\n])*\"");

    /// Files in which real time is the subject, each with how many sleeps it has and why.
    ///
    /// @param count how many, so that no further one comes by chance
    /// @param reason why no virtual clock can do it
    record Allowed(int count, String reason) {}

    private RealSleeps() {}

    /// {@return the sleeps in the Java files below a folder, as `path:line: code`}
    ///
    /// @param root the folder; paths are relative to it
    /// @param allowed for files that may have some
    static List<String> findIn(Path root, Map<String, Allowed> allowed) throws IOException {
        var found = new ArrayList<String>();
        for (var file : testSources(root)) {
            var path = root.relativize(file).toString().replace('\\', '/');
            var here = sleepsIn(path, Files.readString(file));
            var exception = allowed.get(path);
            if (exception == null) {
                found.addAll(here);
            } else if (here.size() != exception.count()) {
                found.add(
                        path
                                + ": "
                                + exception.count()
                                + " sleeps are allowed, because "
                                + exception.reason()
                                + ", and there are: "
                                + here);
            }
        }
        return found;
    }

    /// {@return the Java files of the tests of all modules}
    static List<Path> testSources(Path root) throws IOException {
        var sources = new ArrayList<Path>();
        try (var modules = Files.list(root)) {
            for (var tests : modules.map(module -> module.resolve("src/test/java")).toList()) {
                if (Files.isDirectory(tests)) {
                    try (var files = Files.walk(tests)) {
                        files.filter(file -> file.toString().endsWith(".java"))
                                .forEach(sources::add);
                    }
                }
            }
        }
        return sources.stream().sorted().toList();
    }

    /// {@return the sleeps in one source, comments and strings left out}
    static List<String> sleepsIn(String path, String source) {
        var code = source;
        for (var noCode : List.of(TEXT_BLOCK, STRING, COMMENT)) {
            // The lines stay, for their numbers.
            code = noCode.matcher(code).replaceAll(match -> match.group().replaceAll("[^\n]", " "));
        }
        var found = new ArrayList<String>();
        addMatches(SLEEP, path, code, found);
        if (!VIRTUAL_CLOCK.matcher(code).find()) {
            addMatches(WAIT_ON_LOOP, path, code, found);
        }
        return found;
    }

    private static void addMatches(Pattern pattern, String path, String code, List<String> found) {
        for (var sleep = pattern.matcher(code); sleep.find(); ) {
            var line = (int) code.substring(0, sleep.start()).lines().count();
            found.add(path + ":" + Math.max(1, line) + ": " + sleep.group().strip());
        }
    }
}
