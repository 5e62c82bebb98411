package dev.jloop.benchmarks.sidebyside;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// Draws the processor time for each request as bars: one group for each kind of load, one bar for
/// each server, with the spread of its rounds as a thin line.
///
/// Written by hand: chart libraries that write SVG bring dozens of other jars for it.
final class Chart {
    private static final int WIDTH = 860;
    private static final int NAMES = 170;
    private static final int BARS = 560;
    private static final int ROW = 18;
    private static final int HEADING = 34;
    private static final int MARGIN = 12;
    private static final String OURS = "#2a6f97";
    private static final String PEER = "#b8c4cc";

    private final XMLStreamWriter xml;

    private Chart(XMLStreamWriter xml) {
        this.xml = xml;
    }

    /// Writes the file, and replaces one that is there.
    static void write(Path file, List<CellResult> cells) throws IOException {
        try (var writer = Files.newBufferedWriter(file)) {
            write(writer, cells);
        }
    }

    static void write(Writer writer, List<CellResult> cells) throws IOException {
        try {
            var xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(writer);
            new Chart(xml).draw(cells);
            xml.close();
        } catch (XMLStreamException failure) {
            throw new IOException("cannot write the chart", failure);
        }
    }

    private void draw(List<CellResult> cells) throws XMLStreamException {
        var rows = cells.stream().mapToInt(cell -> cell.results().size()).sum();
        var height = 2 * MARGIN + cells.size() * HEADING + rows * ROW;
        xml.writeStartDocument();
        start("svg", "xmlns", "http://www.w3.org/2000/svg");
        attributes("viewBox", "0 0 " + WIDTH + " " + height, "font-family", "sans-serif");
        attributes("font-size", 12);
        empty("rect", "width", WIDTH, "height", height, "fill", "white");
        var y = MARGIN;
        for (var cell : cells) {
            y = draw(cell, y);
        }
        xml.writeEndElement();
        xml.writeEndDocument();
    }

    private int draw(CellResult cell, int top) throws XMLStreamException {
        var scale =
                BARS
                        / cell.results().stream()
                                .mapToDouble(result -> result.cpuRatio().greatest())
                                .max()
                                .orElseThrow();
        text(
                MARGIN,
                top + HEADING - 12,
                "start",
                cell.title() + ": processor time for each request, " + cell.baseline() + " = 1",
                "font-weight",
                "bold");
        var y = top + HEADING;
        for (var result : cell.results()) {
            draw(result, scale, y);
            y += ROW;
        }
        return y;
    }

    private void draw(Result result, double scale, int y) throws XMLStreamException {
        var ratio = result.cpuRatio();
        var colour = result.peer().startsWith("jloop") ? OURS : PEER;
        var middle = y + ROW / 2 - 2;
        text(NAMES - 6, y + ROW - 6, "end", result.peer());
        empty(
                "rect",
                "x",
                NAMES,
                "y",
                y,
                "width",
                number(ratio.median() * scale),
                "height",
                ROW - 4,
                "fill",
                colour);
        empty(
                "line",
                "x1",
                number(NAMES + ratio.least() * scale),
                "x2",
                number(NAMES + ratio.greatest() * scale),
                "y1",
                middle,
                "y2",
                middle,
                "stroke",
                "black");
        text(
                NAMES + BARS + 8,
                y + ROW - 6,
                "start",
                String.format(
                        Locale.ROOT,
                        "%.2f   (%.2f us)",
                        ratio.median(),
                        result.summary(Round::cpuNanos).median() / 1000));
    }

    private void text(int x, int y, String anchor, String text, Object... more)
            throws XMLStreamException {
        start("text", "x", x, "y", y, "text-anchor", anchor);
        attributes(more);
        xml.writeCharacters(text);
        xml.writeEndElement();
    }

    private void start(String element, Object... attributes) throws XMLStreamException {
        xml.writeStartElement(element);
        attributes(attributes);
    }

    private void empty(String element, Object... attributes) throws XMLStreamException {
        xml.writeEmptyElement(element);
        attributes(attributes);
    }

    /// Names and values in turn.
    private void attributes(Object... attributes) throws XMLStreamException {
        for (var i = 0; i < attributes.length; i += 2) {
            xml.writeAttribute(attributes[i].toString(), attributes[i + 1].toString());
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
