package dev.jloop.examples.crawl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class AtomicFileTest {
    @TempDir Path folder;

    @Test
    void theFileAndItsFoldersAreMadeAndNothingElse() throws IOException {
        var target = folder.resolve("a/b/picture.svg");
        AtomicFile.write(target, "one");
        AtomicFile.write(target, "two");

        assertThat(target).hasContent("two");
        assertThat(target.getParent()).isDirectoryContaining(file -> file.equals(target));
        try (var files = Files.list(target.getParent())) {
            assertThat(files).containsExactly(target);
        }
    }

    @Test
    void aFailureLeavesNoDraftBehind() throws IOException {
        var target = folder.resolve("folder-in-the-way");
        Files.createDirectories(target.resolve("full"));

        assertThatThrownBy(() -> AtomicFile.write(target, "text")).isInstanceOf(IOException.class);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
    }
}
