package dev.jloop.examples.crawl;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// Draws a crawl as an SVG picture: how many fetches were under way over time, and below it one bar
/// a fetch.
public final class SvgTimeline {
    private static final int WIDTH = 1200;
    private static final int LEFT = 64;
    private static final int RIGHT = 28;
    private static final int PLOT_WIDTH = WIDTH - LEFT - RIGHT;
    private static final int AREA_TOP = 124;
    private static final int AREA_HEIGHT = 90;
    private static final int LANES_TOP = AREA_TOP + AREA_HEIGHT + 34;
    private static final int LANES_HEIGHT = 720;
    private static final double THICKEST_LANE = 20;
    private static final double THINNEST_LANE = 2.5;
    private static final double LANE_WITH_LABEL = 13;
    private static final int LONGEST_LABEL = 90;

    /// By distance from where the crawl began; farther ones share the last.
    private static final List<String> DEPTH_COLOURS =
            List.of("#123a63", "#1f6fb2", "#2a9d8f", "#8ab17d", "#c9b458");

    private static final String FAILED_COLOUR = "#d1344b";
    private static final String CANCELLED_COLOUR = "#9aa0a6";

    private final String title;
    private final String subtitle;
    private final Lanes lanes;
    private final TimeAxis axis;
    private final double laneHeight;
    private final StringBuilder svg = new StringBuilder();

    private SvgTimeline(String title, String subtitle, List<FetchRecord> records) {
        this.title = title;
        this.subtitle = subtitle;
        boolean roomForLabels = records.size() * LANE_WITH_LABEL <= LANES_HEIGHT;
        this.lanes = roomForLabels ? Lanes.oneEach(records) : Lanes.packed(records);
        long end = records.stream().mapToLong(FetchRecord::endNanos).max().orElse(0);
        this.axis = TimeAxis.upTo(Duration.ofNanos(end));
        double share = (double) LANES_HEIGHT / Math.max(1, lanes.count());
        this.laneHeight = Math.clamp(share, THINNEST_LANE, THICKEST_LANE);
    }

    /// {@return the picture, as an XML document}
    ///
    /// @param title the heading
    /// @param subtitle the line below it
    /// @param records the fetches, in any order
    public static String draw(String title, String subtitle, List<FetchRecord> records) {
        return new SvgTimeline(title, subtitle, records).draw();
    }

    private String draw() {
        double lanesBottom = LANES_TOP + lanes.count() * laneHeight;
        int height = (int) Math.ceil(lanesBottom) + 48;
        open(height);
        text(LEFT, 42, "title", title);
        text(LEFT, 68, "subtitle", subtitle);
        drawLegend();
        drawGrid(lanesBottom);
        drawConcurrency();
        text(LEFT, LANES_TOP - 10, "caption", "One bar a fetch, from connecting to the last byte");
        lanes.bars().forEach(this::drawBar);
        svg.append("</svg>\n");
        return svg.toString();
    }

    private void open(int height) {
        svg.append(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
                font-family="Helvetica, Arial, sans-serif">
                <title>%3$s</title>
                <style>
                .title { font-size: 24px; font-weight: bold; fill: #17202a; }
                .subtitle { font-size: 15px; fill: #46525e; }
                .caption { font-size: 13px; font-weight: bold; fill: #46525e; }
                .tick, .legend { font-size: 12px; fill: #5d6874; }
                .label { font-size: 11px; fill: #ffffff; }
                .outside { fill: #46525e; }
                .middle { text-anchor: middle; }
                .end { text-anchor: end; }
                .grid { stroke: #e3e7eb; stroke-width: 1; }
                </style>
                <rect width="%1$d" height="%2$d" fill="#fbfcfd"/>
                """
                        .formatted(WIDTH, height, Xml.escape(title)));
    }

    private void drawLegend() {
        int deepest = lanes.bars().stream().mapToInt(bar -> bar.fetch().depth()).max().orElse(0);
        double x = LEFT;
        for (int depth = 0; depth <= Math.min(deepest, DEPTH_COLOURS.size() - 1); depth++) {
            x = legendEntry(x, DEPTH_COLOURS.get(depth), depthName(depth, deepest));
        }
        if (shows(FetchOutcome.Failed.class)) {
            x = legendEntry(x, FAILED_COLOUR, "failed");
        }
        if (shows(FetchOutcome.Cancelled.class)) {
            legendEntry(x, CANCELLED_COLOUR, "cancelled");
        }
    }

    private boolean shows(Class<? extends FetchOutcome> outcome) {
        return lanes.bars().stream().anyMatch(bar -> outcome.isInstance(bar.fetch().outcome()));
    }

    private static String depthName(int depth, int deepest) {
        if (deepest == 0) {
            return "fetched";
        }
        boolean sharesTheLastColour = depth == DEPTH_COLOURS.size() - 1 && deepest > depth;
        return switch (depth) {
            case 0 -> "start";
            case 1 -> "1 link away";
            default -> depth + (sharesTheLastColour ? " or more" : "") + " links away";
        };
    }

    /// {@return where the next entry begins}
    private double legendEntry(double x, String colour, String name) {
        rectangle(x, 86, 12, 12, colour, "");
        text(x + 18, 97, "legend", name);
        return x + 18 + name.length() * 6.6 + 22;
    }

    private void drawGrid(double bottom) {
        for (var tick : axis.ticks()) {
            double x = x(tick.toNanos());
            line(x, AREA_TOP, x, bottom);
            text(x, bottom + 20, "tick middle", Units.duration(tick));
        }
    }

    private void drawConcurrency() {
        var steps = ConcurrencySteps.of(lanes.bars().stream().map(Lanes.Bar::fetch).toList());
        int peak = Math.max(1, steps.peak());
        double bottom = AREA_TOP + AREA_HEIGHT;
        text(LEFT, AREA_TOP - 4, "caption", "Fetches under way, at most " + steps.peak());
        text(LEFT - 8, AREA_TOP + 12, "tick end", String.valueOf(steps.peak()));
        text(LEFT - 8, bottom, "tick end", "0");
        var path = new StringBuilder("M%s %s".formatted(number(x(0)), number(bottom)));
        for (var step : steps.steps()) {
            double y = bottom - (AREA_HEIGHT - 8.0) * step.count() / peak;
            path.append(" H").append(number(x(step.atNanos()))).append(" V").append(number(y));
        }
        path.append(" V").append(number(bottom)).append(" Z");
        svg.append(
                "<path d=\"%s\" fill=\"#9fc5e8\" stroke=\"#1f6fb2\" stroke-width=\"1\"/>\n"
                        .formatted(path));
    }

    private void drawBar(Lanes.Bar bar) {
        var fetch = bar.fetch();
        double x = x(fetch.startNanos());
        double width = Math.max(1, x(fetch.endNanos()) - x);
        double y = LANES_TOP + bar.lane() * laneHeight;
        double gap = laneHeight > 5 ? 1.5 : 0.5;
        rectangle(x, y, width, laneHeight - gap, colourOf(fetch), describe(fetch));
        if (laneHeight >= LANE_WITH_LABEL) {
            label(shortened(fetch.uri()), x, width, y + laneHeight / 2 + 3);
        }
    }

    /// Inside the bar where it fits, else behind it, else before it.
    private void label(String name, double x, double width, double y) {
        double needed = name.length() * 5.8 + 12;
        if (needed <= width) {
            text(x + 6, y, "label", name);
        } else if (x + width + needed <= WIDTH) {
            text(x + width + 5, y, "label outside", name);
        } else {
            text(x - 5, y, "label outside end", name);
        }
    }

    private static String shortened(URI uri) {
        var name = uri.toString();
        return name.length() <= LONGEST_LABEL ? name : name.substring(0, LONGEST_LABEL) + "...";
    }

    private static String colourOf(FetchRecord fetch) {
        return switch (fetch.outcome()) {
            case FetchOutcome.Fetched _ ->
                    DEPTH_COLOURS.get(Math.min(fetch.depth(), DEPTH_COLOURS.size() - 1));
            case FetchOutcome.Failed _ -> FAILED_COLOUR;
            case FetchOutcome.Cancelled _ -> CANCELLED_COLOUR;
        };
    }

    private static String describe(FetchRecord fetch) {
        var what =
                switch (fetch.outcome()) {
                    case FetchOutcome.Fetched page ->
                            "status "
                                    + page.status()
                                    + ", "
                                    + Units.bytes(page.wireBytes())
                                    + ", "
                                    + page.words()
                                    + " words";
                    case FetchOutcome.Failed failed -> failed.reason();
                    case FetchOutcome.Cancelled _ -> "cancelled";
                };
        return fetch.uri()
                + "\n"
                + what
                + "\n"
                + Units.duration(fetch.duration())
                + " from "
                + Units.duration(Duration.ofNanos(fetch.startNanos()));
    }

    private double x(long nanos) {
        return LEFT + (double) PLOT_WIDTH * nanos / axis.end().toNanos();
    }

    private void rectangle(
            double x, double y, double width, double height, String colour, String tooltip) {
        svg.append(
                "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"1.5\" fill=\"%s\""
                        .formatted(number(x), number(y), number(width), number(height), colour));
        svg.append(
                tooltip.isEmpty()
                        ? "/>\n"
                        : "><title>" + Xml.escape(tooltip) + "</title></rect>\n");
    }

    private void line(double fromX, double fromY, double toX, double toY) {
        svg.append(
                "<line class=\"grid\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
                        .formatted(number(fromX), number(fromY), number(toX), number(toY)));
    }

    private void text(double x, double y, String style, String text) {
        svg.append(
                "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
                        .formatted(style, number(x), number(y), Xml.escape(text)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
