package dev.jloop.examples.inspect;

import dev.jloop.core.EventLoopMXBean;
import dev.jloop.core.EventLoopMXBean.TaskInfo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The tasks of some loops, one in a line.
public final class TaskTable {
    /// How the table is written.
    public enum Format {
        /// Columns, for people.
        TABLE {
            @Override
            String write(List<List<String>> rows) {
                var widths =
                        IntStream.range(0, COLUMNS.size())
                                .map(column ->
                                        rows.stream()
                                                .mapToInt(row -> row.get(column).length())
                                                .max()
                                                .orElse(0))
                                .toArray();
                return rows.stream().map(row -> aligned(row, widths)).collect(Collectors.joining());
            }
        },
        /// Values separated by commas, as RFC 4180 has them but for the ends of the lines.
        CSV {
            @Override
            String write(List<List<String>> rows) {
                return rows.stream()
                        .map(row ->
                                row.stream()
                                        .map(TaskTable::quoted)
                                        .collect(Collectors.joining(",", "", "\n")))
                        .collect(Collectors.joining());
            }
        };

        abstract String write(List<List<String>> rows);
    }

    private static final List<String> COLUMNS =
            List.of("LOOP", "ID", "NAME", "STATE", "SINCE_MS", "AWAITS", "TASKS", "WHERE");

    /// Where a user has nothing to look for.
    private static final List<String> LIBRARIES =
            List.of(
                    "java.",
                    "jdk.",
                    "sun.",
                    "dev.jloop.core.",
                    "dev.jloop.transports.",
                    "dev.jloop.streams.",
                    "dev.jloop.executor.");

    private TaskTable() {}

    /// {@return the rows of one loop, for [#write(List, Format)]}
    ///
    /// @param loop the loop
    public static List<List<String>> rows(EventLoopMXBean loop) {
        var name = loop.getName();
        return loop.tasks().stream().map(task -> row(name, task)).toList();
    }

    private static List<String> row(String loop, TaskInfo task) {
        return List.of(
                printable(loop),
                Long.toString(task.id()),
                printable(task.name()),
                task.state().toLowerCase(Locale.ROOT),
                task.sinceMillis() < 0 ? "" : Long.toString(task.sinceMillis()),
                printable(task.awaits()),
                task.awaitedTasks().stream().map(String::valueOf).collect(Collectors.joining(" ")),
                printable(where(task.stack())));
    }

    /// {@return the table, with a line of headings}
    ///
    /// @param rows the rows of all loops
    /// @param format how to write it
    public static String write(List<List<String>> rows, Format format) {
        var all = new ArrayList<List<String>>();
        all.add(COLUMNS);
        all.addAll(rows);
        return format.write(all);
    }

    /// {@return the innermost frame that is neither the JDK's nor jloop's own}
    static String where(List<String> stack) {
        return stack.stream()
                .map(frame -> frame.substring(frame.lastIndexOf('/', frame.indexOf('(')) + 1))
                .filter(frame -> LIBRARIES.stream().noneMatch(frame::startsWith))
                .findFirst()
                .orElse(stack.isEmpty() ? "" : stack.getFirst());
    }

    private static String aligned(List<String> row, int[] widths) {
        var line = new StringBuilder();
        for (var i = 0; i < widths.length; i++) {
            line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
        }
        return line.toString().stripTrailing() + "\n";
    }

    private static String quoted(String value) {
        return value.contains(",") || value.contains("\"")
                ? '"' + value.replace("\"", "\"\"") + '"'
                : value;
    }

    /// A name must neither break its line nor reach the terminal as a command.
    private static String printable(String text) {
        var safe = new StringBuilder();
        text.codePoints()
                .forEach(point -> {
                    switch (Character.getType(point)) {
                        case Character.CONTROL,
                                Character.FORMAT,
                                Character.SURROGATE,
                                Character.LINE_SEPARATOR,
                                Character.PARAGRAPH_SEPARATOR ->
                                safe.append(String.format(Locale.ROOT, "\\u%04x", point));
                        default -> safe.appendCodePoint(point);
                    }
                });
        return safe.toString();
    }
}
