package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.stream.Stream;

/// A process and those below it.
@Timeout(60)
@ExtendWith(ChildrenCheck.class)
class ProcessTreeTest {
    /// Those below it cannot be found.
    private static final class Inscrutable extends Process {
        private final Process process;

        Inscrutable(Process process) {
            this.process = process;
        }

        @Override
        public Stream<ProcessHandle> descendants() {
            throw new UnsupportedOperationException("no way to look");
        }

        @Override
        public ProcessHandle toHandle() {
            return process.toHandle();
        }

        @Override
        public OutputStream getOutputStream() {
            return process.getOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return process.getInputStream();
        }

        @Override
        public InputStream getErrorStream() {
            return process.getErrorStream();
        }

        @Override
        public int waitFor() throws InterruptedException {
            return process.waitFor();
        }

        @Override
        public int exitValue() {
            return process.exitValue();
        }

        @Override
        public void destroy() {
            process.destroy();
        }
    }

    @Test
    void aProcessIsKilledAlsoWhereThoseBelowCannotBeFound()
            throws IOException, InterruptedException {
        var process = new ProcessBuilder("sleep", "1000").start();
        assertThatThrownBy(() -> ProcessTree.kill(new Inscrutable(process)))
                .hasMessage("no way to look");
        assertThat(process.waitFor()).isEqualTo(128 + 9);
    }
}
