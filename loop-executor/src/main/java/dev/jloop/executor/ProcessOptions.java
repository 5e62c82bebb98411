package dev.jloop.executor;

import dev.jloop.streams.StreamOptions;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// How a child process is started. Immutable; start from [#DEFAULTS].
///
/// Where its input and outputs are is said by the JDK's [Redirect]: `PIPE`, `INHERIT` for those of
/// this JVM, `DISCARD` for nothing, and files by `from`, `to` and `appendTo`.
///
/// ```java
/// ProcessOptions.DEFAULTS.withFolder(project).withEnvironment("LANG", "C").withMergedStderr(true)
/// ```
///
/// @since 0.1
public final class ProcessOptions {
    /// Environment and folder of this JVM, pipes for input and both outputs, a limit of 64 KiB.
    public static final ProcessOptions DEFAULTS = new ProcessOptions(new Settings());

    private static final File NOTHING = new File(File.separatorChar == '\\' ? "NUL" : "/dev/null");

    private final Settings settings;

    /// Changed before it is shared only.
    private static final class Settings {
        /// What differs from the environment below; null removes a variable.
        Map<String, @Nullable String> environment = new LinkedHashMap<>();

        boolean inheritsEnvironment = true;
        @Nullable Path folder;
        Redirect stdin = Redirect.PIPE;
        Redirect stdout = Redirect.PIPE;
        Redirect stderr = Redirect.PIPE;
        boolean mergesStderr;
        StreamOptions streams = StreamOptions.DEFAULTS;

        Settings copy() {
            var copy = new Settings();
            copy.environment = new LinkedHashMap<>(environment);
            copy.inheritsEnvironment = inheritsEnvironment;
            copy.folder = folder;
            copy.stdin = stdin;
            copy.stdout = stdout;
            copy.stderr = stderr;
            copy.mergesStderr = mergesStderr;
            copy.streams = streams;
            return copy;
        }
    }

    private ProcessOptions(Settings settings) {
        this.settings = settings;
    }

    /// {@return these options with a variable in the environment of the child}
    ///
    /// @param name not empty, without `=`
    /// @param value the value
    /// @throws IllegalArgumentException if the name or the value cannot be one
    public ProcessOptions withEnvironment(String name, String value) {
        var changed = settings.copy();
        changed.environment.put(checkedName(name), checkedValue(name, value));
        return new ProcessOptions(changed);
    }

    /// {@return these options without a variable in the environment of the child}
    ///
    /// @param name not empty, without `=`
    /// @throws IllegalArgumentException if the name cannot be one
    public ProcessOptions withoutEnvironment(String name) {
        var changed = settings.copy();
        changed.environment.put(checkedName(name), null);
        return new ProcessOptions(changed);
    }

    /// {@return these options with an environment that has nothing of this JVM's, and no variable
    /// yet}
    public ProcessOptions withEmptyEnvironment() {
        var changed = settings.copy();
        changed.environment.clear();
        changed.inheritsEnvironment = false;
        return new ProcessOptions(changed);
    }

    private static String checkedName(String name) {
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "an environment variable cannot be named '" + name + "'");
        }
        return name;
    }

    /// What a message does not show, as it may be a secret.
    private static String checkedValue(String name, String value) {
        var zero = Objects.requireNonNull(value, "value").indexOf('\0');
        if (zero >= 0) {
            throw new IllegalArgumentException(
                    "the value of the environment variable "
                            + name
                            + " cannot have a zero character, and has one at index "
                            + zero);
        }
        return value;
    }

    /// {@return these options with another working folder}
    ///
    /// @param value an existing folder
    public ProcessOptions withFolder(Path value) {
        var changed = settings.copy();
        changed.folder = Objects.requireNonNull(value, "folder");
        return new ProcessOptions(changed);
    }

    /// {@return these options with another standard input}
    ///
    /// @param value a pipe, that of this JVM, a file to read, or `DISCARD` for an input that ends
    ///   at once
    /// @throws IllegalArgumentException if it is a file to write to
    public ProcessOptions withStdin(Redirect value) {
        var changed = settings.copy();
        changed.stdin = value == Redirect.DISCARD ? Redirect.from(NOTHING) : value;
        switch (changed.stdin.type()) {
            case PIPE, INHERIT, READ -> {}
            case WRITE, APPEND ->
                    throw new IllegalArgumentException(
                            "a standard input cannot be written to: " + value);
        }
        return new ProcessOptions(changed);
    }

    /// {@return these options with another standard output}
    ///
    /// @param value a pipe, that of this JVM, a file to write to, or `DISCARD`
    /// @throws IllegalArgumentException if it is a file to read
    public ProcessOptions withStdout(Redirect value) {
        var changed = settings.copy();
        changed.stdout = checkedOutput(value);
        return new ProcessOptions(changed);
    }

    /// {@return these options with another standard error}
    ///
    /// @param value a pipe, that of this JVM, a file to write to, or `DISCARD`
    /// @throws IllegalArgumentException if it is a file to read
    public ProcessOptions withStderr(Redirect value) {
        var changed = settings.copy();
        changed.stderr = checkedOutput(value);
        return new ProcessOptions(changed);
    }

    private static Redirect checkedOutput(Redirect value) {
        return switch (value.type()) {
            case PIPE, INHERIT, WRITE, APPEND -> value;
            case READ ->
                    throw new IllegalArgumentException(
                            "a standard output cannot be read from: " + value);
        };
    }

    /// {@return these options with a standard error that goes where the standard output goes, in
    /// the order in which it was written; or not}
    ///
    /// @param value whether; what [#withStderr(Redirect)] says does not matter then
    public ProcessOptions withMergedStderr(boolean value) {
        var changed = settings.copy();
        changed.mergesStderr = value;
        return new ProcessOptions(changed);
    }

    /// {@return these options with another limit for the readers of both outputs}
    ///
    /// @param bytes the longest line or record. A reader holds at most twice as much and 64 KiB
    ///   before it lets the child wait
    /// @throws IllegalArgumentException if it is less than 1
    public ProcessOptions withLimit(int bytes) {
        var changed = settings.copy();
        changed.streams = StreamOptions.DEFAULTS.withLimit(bytes);
        return new ProcessOptions(changed);
    }

    StreamOptions streams() {
        return settings.streams;
    }

    boolean pipesStdin() {
        return settings.stdin == Redirect.PIPE;
    }

    boolean pipesStdout() {
        return settings.stdout == Redirect.PIPE;
    }

    boolean pipesStderr() {
        return !settings.mergesStderr && settings.stderr == Redirect.PIPE;
    }

    String describeStdin() {
        return settings.stdin.toString();
    }

    String describeStdout() {
        return settings.stdout.toString();
    }

    String describeStderr() {
        return settings.mergesStderr ? "merged into stdout" : settings.stderr.toString();
    }

    ProcessBuilder builder(List<String> command) {
        var builder =
                new ProcessBuilder(command)
                        .redirectInput(settings.stdin)
                        .redirectOutput(settings.stdout)
                        .redirectError(settings.stderr)
                        .redirectErrorStream(settings.mergesStderr);
        if (settings.folder != null) {
            builder.directory(settings.folder.toFile());
        }
        var environment = builder.environment();
        if (!settings.inheritsEnvironment) {
            environment.clear();
        }
        settings.environment.forEach((name, value) -> {
            if (value == null) {
                environment.remove(name);
            } else {
                environment.put(name, value);
            }
        });
        return builder;
    }

    @Override
    public String toString() {
        return "ProcessOptions[folder="
                + settings.folder
                + ", stdin="
                + describeStdin()
                + ", stdout="
                + describeStdout()
                + ", stderr="
                + describeStderr()
                + ", environment="
                + (settings.inheritsEnvironment ? "inherited and " : "only ")
                + settings.environment.keySet()
                + "]";
    }
}
