package dev.jloop.examples.crawl;

import static dev.jloop.examples.crawl.Records.fetched;
import static dev.jloop.examples.crawl.Records.record;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.IntStream;

import javax.xml.parsers.DocumentBuilderFactory;

class SvgTimelineTest {
    private static final int FIXED_RECTANGLES = 1; // the background

    @Test
    void eachFetchHasABarWithATooltip() throws Exception {
        var document =
                parse(
                        SvgTimeline.draw(
                                "title",
                                "subtitle",
                                List.of(fetched("/a", 0, 0, 10), fetched("/b", 1, 10, 20))));

        assertThat(tooltips(document))
                .anySatisfy(text ->
                        assertThat(text).contains("http://host/a", "status 200", "1 kB", "10 ms"))
                .anySatisfy(text -> assertThat(text).contains("http://host/b"))
                .hasSize(2 + FIXED_RECTANGLES);
    }

    @Test
    void textOfAnyKindLeavesThePictureWellFormed() throws Exception {
        var failed = new FetchOutcome.Failed("malformed: '<&>\"\u0000\u001B\uFFFF'");
        var document =
                parse(
                        SvgTimeline.draw(
                                "<&>\"'", "a\u0007b", List.of(record("/a?b&c", 0, 0, 1, failed))));

        assertThat(document.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("<&>\"'");
        assertThat(tooltips(document))
                .anySatisfy(text -> assertThat(text).contains("/a?b&c", "malformed: '<&>\""));
    }

    @Test
    void theLegendNamesWhatThePictureShows() throws Exception {
        var records =
                List.of(
                        fetched("/a", 0, 0, 10),
                        record("/b", 2, 0, 5, new FetchOutcome.Failed("no")),
                        record("/c", 9, 0, 5, new FetchOutcome.Cancelled()));

        assertThat(SvgTimeline.draw("t", "s", records))
                .contains(
                        ">start<",
                        ">1 link away<",
                        ">4 or more links away<",
                        ">failed<",
                        ">cancelled<");
        assertThat(SvgTimeline.draw("t", "s", List.of(fetched("/a", 0, 0, 10))))
                .doesNotContain(">failed<");
    }

    @Test
    void aCrawlOfNoPageAndOneOfThousandsCanBeDrawn() throws Exception {
        parse(SvgTimeline.draw("nothing", "", List.of()));

        var many = IntStream.range(0, 3000).mapToObj(i -> fetched("/" + i, 1, i, i + 500)).toList();
        assertThat(tooltips(parse(SvgTimeline.draw("many", "", many)))).hasSizeGreaterThan(3000);
    }

    private static List<String> tooltips(Document document) {
        var rectangles = document.getElementsByTagName("rect");
        return IntStream.range(0, rectangles.getLength())
                .mapToObj(rectangles::item)
                .filter(rectangle ->
                        rectangle.hasChildNodes()
                                || !rectangle
                                        .getAttributes()
                                        .getNamedItem("width")
                                        .getNodeValue()
                                        .equals("12.0"))
                .map(rectangle -> rectangle.getTextContent())
                .toList();
    }

    private static Document parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    }
}
