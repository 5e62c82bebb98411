package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.peers.PeerMain;
import dev.jloop.executor.Subprocesses;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The programs of other languages: what the machine has, and where ours are unpacked and built.
final class Tools {
    private final Path folder;

    private Tools(Path folder) {
        this.folder = folder;
    }

    /// @param folder where programs are unpacked and built; made if it is not there
    static Tools in(Path folder) throws IOException {
        return new Tools(Files.createDirectories(folder).toAbsolutePath());
    }

    /// {@return the program of that name on the `PATH`, if there is one}
    static Optional<String> find(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).resolve(program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /// {@return the program of that name on the `PATH`}
    ///
    /// @throws IOException if there is none
    static String require(String program) throws IOException {
        return find(program)
                .orElseThrow(() -> new IOException("there is no " + program + " on the PATH"));
    }

    /// {@return where a file of that name belongs}
    Path path(String name) {
        return folder.resolve(name);
    }

    /// Puts a program out of the resources beside the others.
    ///
    /// @return where it is
    Path unpack(String name) throws IOException {
        var target = folder.resolve(name);
        try (var source = PeerMain.class.getResourceAsStream(name)) {
            if (source == null) {
                throw new FileNotFoundException("the benchmarks were built without " + name);
            }
            Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
        }
        return target;
    }

    /// Builds a program with a compiler, whose arguments end with the target and the source.
    /// Suspends.
    ///
    /// @param compiler what to run, up to the option that names the target
    /// @return the built program
    /// @throws dev.jloop.executor.ProcessFailedException if it does not build, with what the
    ///   compiler said
    Path build(String source, List<String> compiler) throws IOException {
        var built = folder.resolve(source.replace('.', '-'));
        var command =
                Stream.concat(
                                compiler.stream(),
                                Stream.of(built.toString(), unpack(source).toString()))
                        .toArray(String[]::new);
        Subprocesses.run(command);
        return built;
    }
}
