import com.google.googlejavaformat.java.Main;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Checks or fixes the layout of every Java source of this repository, in one JVM.
///
/// The root `pom.xml` starts it on the toolchain's JDK, with google-java-format on the class path:
/// `Format (check|fix) repository-folder`. A failed check leaves its findings in
/// `target/format-violations.txt`, and a rule in the root `pom.xml` fails the build if it exists.
final class Format {
    private Format() {}

    public static void main(String[] args) {
        var exitCode = 1;
        try {
            run(args[0], Path.of(args[1]).toRealPath());
            exitCode = 0;
        } catch (Exception e) {
            e.printStackTrace();
        }
        // Always: the formatter's own threads would keep the JVM alive.
        System.exit(exitCode);
    }

    private static void run(String mode, Path root) throws Exception {
        var report = root.resolve("target").resolve("format-violations.txt");
        Files.deleteIfExists(report);
        var findings =
                switch (mode) {
                    case "check" -> check(root);
                    case "fix" -> fix(root);
                    default -> throw new IllegalArgumentException("mode: " + mode);
                };
        if (findings.isEmpty()) return;
        findings.forEach(System.err::println);
        Files.createDirectories(report.getParent());
        Files.write(report, findings);
    }

    private static List<String> check(Path root) throws Exception {
        var result = format(List.of("--aosp", "--dry-run"), sources(root));
        var findings = new ArrayList<>(relative(root, result.errors()));
        for (var file : relative(root, result.output())) findings.add(file + ": not formatted");
        return findings;
    }

    /// Returns what could not be formatted.
    private static List<String> fix(Path root) throws Exception {
        return relative(root, format(List.of("--aosp", "--replace"), sources(root)).errors());
    }

    private static List<String> relative(Path root, String lines) {
        var prefix = root + root.getFileSystem().getSeparator();
        return lines.lines().map(line -> line.replace(prefix, "")).sorted().toList();
    }

    private static Result format(List<String> options, List<String> files) throws Exception {
        if (files.isEmpty()) return new Result("", "");
        var arguments = new ArrayList<>(options);
        arguments.addAll(files);
        var output = new StringWriter();
        var errors = new StringWriter();
        var formatter =
                new Main(
                        new PrintWriter(output, true),
                        new PrintWriter(errors, true),
                        InputStream.nullInputStream());
        var exitCode = formatter.format(arguments.toArray(String[]::new));
        if (exitCode != 0 && errors.toString().isBlank()) {
            throw new IllegalStateException("the formatter failed with exit code " + exitCode);
        }
        return new Result(output.toString(), errors.toString());
    }

    /// The files of this folder, and all below the `src` folder of each module.
    private static List<String> sources(Path root) throws IOException {
        var found = new ArrayList<String>();
        try (var folders = Files.list(root)) {
            for (var folder : folders.filter(Files::isDirectory).sorted().toList()) {
                var isBuild = folder.equals(root.resolve("build"));
                addSources(isBuild ? folder : folder.resolve("src"), found);
            }
        }
        return found;
    }

    private static void addSources(Path folder, List<String> found) throws IOException {
        if (!Files.isDirectory(folder)) return;
        try (var files = Files.walk(folder)) {
            files.map(Path::toString)
                    .filter(file -> file.endsWith(".java"))
                    .sorted()
                    .forEach(found::add);
        }
    }

    private record Result(String output, String errors) {}
}
