package dev.jloop.testkit;

import dev.jloop.testkit.Recording.Mark;
import dev.jloop.testkit.Recording.Message;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/// Draws a [Recording] as SVG. One instance draws one picture.
final class TimelinePicture {
    private static final double WIDTH = 1280;
    private static final double LEFT = 24;
    private static final double RIGHT = WIDTH - 32;
    private static final double LANES_TOP = 122;
    private static final double LANE_GAP = 14;
    private static final double BAR_HEIGHT = TimelineLane.ROW_HEIGHT - 4;

    private static final double WORDS_AT = 0.7;

    /// With more of them their texts would cover each other; they are in the tooltips anyway.
    private static final int MOST_MESSAGE_TEXTS = 30;

    private final TimelineScale scale;
    private final Recording recording;
    private final Map<String, TimelineLane> lanes = new LinkedHashMap<>();

    /// Where the middle of the bar of each task is.
    private final Map<RecordedTask, Double> middles = new HashMap<>();

    private final StringBuilder svg = new StringBuilder();

    private TimelinePicture(Recording recording) {
        this.recording = recording;
        scale = new TimelineScale(Math.max(1, recording.endNanos()), LEFT, RIGHT - LEFT);
        var top = LANES_TOP;
        for (var name : recording.lanes()) {
            var lane = new TimelineLane(name, top, RIGHT);
            recording.tasks().stream()
                    .filter(task -> task.lane().equals(name))
                    .forEach(task ->
                            lane.add(
                                    task,
                                    scale.x(task.createdNanos()),
                                    scale.x(task.endedNanos(recording.endNanos()))));
            lanes.put(name, lane);
            top = lane.bottom() + LANE_GAP;
        }
    }

    static String draw(String title, OptionalLong seed, Recording recording) {
        return new TimelinePicture(recording).draw(title, seed);
    }

    private String draw(String title, OptionalLong seed) {
        var bottom = lanes.values().stream().mapToDouble(TimelineLane::bottom).max();
        var lanesBottom = bottom.orElse(LANES_TOP);
        open(title, lanesBottom + 44);
        text(LEFT, 38, "title", title);
        text(LEFT, 62, "subtitle", subtitle(seed));
        drawLegend();
        lanes.values().forEach(this::drawLane);
        drawTicks(lanesBottom);
        lanes.values().forEach(this::drawBars);
        recording.messages().forEach(this::drawMessage);
        recording.marks().forEach(this::drawMark);
        svg.append("</svg>\n");
        return svg.toString();
    }

    private void open(String title, double height) {
        svg.append(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$s" height="%2$s" viewBox="0 0 %1$s %2$s" \
                font-family="Helvetica, Arial, sans-serif">
                <title>%3$s</title>
                <defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" \
                orient="auto"><path d="M0 0.5 L8 4 L0 7.5 Z" fill="#2c6e49"/></marker></defs>
                <style>
                .title { font-size: 22px; font-weight: bold; fill: #1b2631; }
                .subtitle { font-size: 14px; fill: #4a5763; }
                .lane { font-size: 14px; font-weight: bold; fill: #1b2631; }
                .tick, .legend { font-size: 12px; fill: #5d6874; }
                .name { font-size: 11px; fill: #1b2631; }
                .words { font-size: 10px; fill: #2c6e49; paint-order: stroke; stroke: #f1f4f6; stroke-width: 3; }
                .middle { text-anchor: middle; }
                .end { text-anchor: end; }
                .grid { stroke: #dfe4e8; }
                .wire { stroke: #b4bec7; }
                .step { stroke: #1f4e79; stroke-width: 1.5; }
                .message { stroke: #2c6e49; stroke-width: 1.2; fill: none; marker-end: url(#arrow); }
                .lost { stroke: #c0392b; stroke-width: 1.2; fill: none; stroke-dasharray: 4 3; }
                .timer { stroke: #8a6d3b; stroke-width: 1.2; }
                .note { fill: #7d3c98; }
                .fault { fill: #c0392b; stroke: #ffffff; stroke-width: 0.8; }
                </style>
                <rect width="%1$s" height="%2$s" fill="#fbfcfd"/>
                """
                        .formatted(number(WIDTH), number(height), Xml.escape(title)));
    }

    private String subtitle(OptionalLong seed) {
        return (seed.isPresent() ? "seed " + seed.getAsLong() + ", " : "")
                + TimelineScale.text(recording.endNanos())
                + " of virtual time, "
                + count(recording.tasks().size(), "task")
                + ", "
                + count(recording.messages().size(), "message")
                + (recording.leftOut() == 0
                        ? ""
                        : "; " + count(recording.leftOut(), "event") + " left out");
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private void drawLegend() {
        var y = 92.0;
        var x = LEFT;
        for (var outcome : EnumSet.allOf(RecordedTask.Outcome.class)) {
            rectangle(x, y - 10, 12, 12, outcome.colour(), "");
            x = legendText(x + 18, y, outcome.words());
        }
        line("step", x, y - 10, x, y + 2);
        x = legendText(x + 8, y, "a task runs");
        line("timer", x, y - 10, x, y + 2);
        x = legendText(x + 8, y, "timer");
        diamond(x + 5, y - 4, "");
        x = legendText(x + 16, y, "note");
        triangle(x + 5, y - 4, "");
        x = legendText(x + 16, y, "fault");
        line("message", x, y - 4, x + 24, y - 4);
        x = legendText(x + 30, y, "message");
        line("lost", x, y - 4, x + 24, y - 4);
        legendText(x + 30, y, "lost");
    }

    /// {@return where the next entry begins}
    private double legendText(double x, double y, String words) {
        text(x, y, "legend", words);
        return x + words.length() * 6.4 + 22;
    }

    private void drawTicks(double bottom) {
        for (var tick : scale.ticks()) {
            var x = scale.x(tick);
            line("grid", x, LANES_TOP, x, bottom);
            var anchor = x > RIGHT - 30 ? "tick end" : x < LEFT + 20 ? "tick" : "tick middle";
            text(x, bottom + 20, anchor, TimelineScale.text(tick));
        }
    }

    private void drawLane(TimelineLane lane) {
        rectangle(
                LEFT - 12,
                lane.top(),
                RIGHT - LEFT + 24,
                lane.bottom() - lane.top(),
                "#f1f4f6",
                "");
        text(LEFT - 6, lane.top() + 15, "lane", lane.name());
        line("wire", LEFT, lane.wireY(), RIGHT, lane.wireY());
    }

    private void drawBars(TimelineLane lane) {
        for (var bar : lane.bars()) {
            var task = bar.task();
            var y = lane.rowY(bar.row());
            middles.put(task, y + BAR_HEIGHT / 2);
            rectangle(bar.x(), y, bar.width(), BAR_HEIGHT, task.outcome().colour(), describe(task));
            for (var step : task.steps()) {
                line("step", scale.x(step), y, scale.x(step), y + BAR_HEIGHT);
            }
            var textY = y + BAR_HEIGHT - 4;
            switch (bar.label()) {
                case INSIDE -> text(bar.x() + 5, textY, "name", task.name());
                case AFTER -> text(bar.x() + bar.width() + 4, textY, "name", task.name());
                case BEFORE -> text(bar.x() - 4, textY, "name end", task.name());
            }
        }
    }

    private String describe(RecordedTask task) {
        var end = task.endedNanos(recording.endNanos());
        return "%s: %s%nfrom %s to %s, ran %s"
                .formatted(
                        task.name(),
                        task.outcome().words(),
                        TimelineScale.text(task.createdNanos()),
                        TimelineScale.text(end),
                        "at " + count(task.steps().size(), "time"))
                .replace(System.lineSeparator(), "\n");
    }

    private void drawMessage(Message message) {
        var from = lane(message.from());
        var to = lane(message.to());
        var x1 = scale.x(message.sentNanos());
        var y1 = from.wireY();
        var delivered = message.deliveredNanos();
        if (delivered == null) {
            drawLost(message, x1, y1, to.wireY());
            return;
        }
        var x2 = scale.x(delivered);
        var y2 = to.wireY();
        var path =
                from == to
                        ? "Q%s %s %s %s"
                                .formatted(
                                        number((x1 + x2) / 2),
                                        number(y1 - 18),
                                        number(x2),
                                        number(y2))
                        : "L%s %s".formatted(number(x2), number(y2));
        var tooltip =
                "%s\n%s to %s\nsent at %s, delivered at %s"
                        .formatted(
                                message.text(),
                                message.from(),
                                message.to(),
                                TimelineScale.text(message.sentNanos()),
                                TimelineScale.text(delivered));
        path("message", "M%s %s %s".formatted(number(x1), number(y1), path), tooltip);
        // Near the arrow's head, as several arrows often leave from one place.
        drawWords(
                message,
                x1 + WORDS_AT * (x2 - x1),
                from == to ? y1 - 11 : y1 + WORDS_AT * (y2 - y1));
    }

    private void drawLost(Message message, double x, double fromY, double toY) {
        var halfway = fromY == toY ? fromY - 12 : (fromY + toY) / 2;
        var end = x + 14;
        var tooltip =
                "%s\n%s to %s\nsent at %s, lost"
                        .formatted(
                                message.text(),
                                message.from(),
                                message.to(),
                                TimelineScale.text(message.sentNanos()));
        path(
                "lost",
                "M%1$s %2$s L%3$s %4$s M%5$s %6$s l8 8 m0 -8 l-8 8"
                        .formatted(
                                number(x),
                                number(fromY),
                                number(end),
                                number(halfway),
                                number(end - 4),
                                number(halfway - 4)),
                tooltip);
        drawWords(message, end + 4, halfway);
    }

    private void drawWords(Message message, double x, double y) {
        if (recording.messages().size() <= MOST_MESSAGE_TEXTS) {
            text(x + 5, y, "words", message.text());
        }
    }

    private void drawMark(Mark mark) {
        var x = scale.x(mark.atNanos());
        var wire = lane(mark.lane()).wireY();
        var tooltip = mark.text() + "\nat " + TimelineScale.text(mark.atNanos());
        switch (mark.kind()) {
            case TIMER -> line("timer", x, wire - 5, x, wire + 5);
            case NOTE -> diamond(x, wire, tooltip);
            case FAULT -> {
                var task = mark.task();
                triangle(x, task == null ? wire : middles.getOrDefault(task, wire), tooltip);
            }
        }
    }

    private TimelineLane lane(String name) {
        return Objects.requireNonNull(lanes.get(name));
    }

    private void diamond(double x, double y, String tooltip) {
        path("note", "M%s %s l5 5 l-5 5 l-5 -5 Z".formatted(number(x), number(y - 5)), tooltip);
    }

    private void triangle(double x, double y, String tooltip) {
        path("fault", "M%s %s l6 11 h-12 Z".formatted(number(x), number(y - 6)), tooltip);
    }

    private void path(String style, String data, String tooltip) {
        element("<path class=\"%s\" d=\"%s\"".formatted(style, data), "path", tooltip);
    }

    private void rectangle(
            double x, double y, double width, double height, String colour, String tooltip) {
        element(
                "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\" fill=\"%s\""
                        .formatted(number(x), number(y), number(width), number(height), colour),
                "rect",
                tooltip);
    }

    private void element(String begin, String name, String tooltip) {
        svg.append(begin);
        svg.append(
                tooltip.isEmpty()
                        ? "/>\n"
                        : "><title>" + Xml.escape(tooltip) + "</title></" + name + ">\n");
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        svg.append(
                "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
                        .formatted(style, number(x1), number(y1), number(x2), number(y2)));
    }

    private void text(double x, double y, String style, String words) {
        svg.append(
                "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
                        .formatted(style, number(x), number(y), Xml.escape(words)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
