package dev.jloop.examples.intro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.testkit.LoopTest;

import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

class DigestsTest {
    private static final String OF_NOTHING =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String OF_ABC =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @LoopTest
    void theKnownDigestsComeInTheOrderOfTheFiles(@TempDir Path folder) throws IOException {
        var abc = Files.writeString(folder.resolve("abc"), "abc");
        var nothing = Files.createFile(folder.resolve("nothing"));

        assertThat(Digests.sha256(List.of(abc, nothing, abc)))
                .containsExactly(OF_ABC, OF_NOTHING, OF_ABC);
    }

    @LoopTest
    void theFileThatCannotBeReadIsNamed(@TempDir Path folder) throws IOException {
        var there = Files.createFile(folder.resolve("there"));
        var missing = folder.resolve("missing");

        assertThatThrownBy(() -> Digests.sha256(List.of(there, missing)))
                .hasRootCauseInstanceOf(NoSuchFileException.class)
                .cause()
                .hasMessage("cannot read " + missing + ": there is no such file");
        assertThatThrownBy(() -> Digests.sha256(List.of(folder, there)))
                .cause()
                .hasMessageStartingWith("cannot read " + folder + ": ");
    }
}
