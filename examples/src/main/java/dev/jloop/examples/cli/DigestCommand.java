package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.intro.Digests;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "digest",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description =
                "Tells the SHA-256 of files, which threads read and digest at the same time while"
                        + " the loop waits for all of them.")
final class DigestCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "the files")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Path> files;

    @Override
    public Integer call() {
        var digests = Async.run(() -> Digests.sha256(files));
        var out = spec.commandLine().getOut();
        for (var i = 0; i < digests.size(); i++) {
            out.println(digests.get(i) + "  " + files.get(i));
        }
        return 0;
    }
}
