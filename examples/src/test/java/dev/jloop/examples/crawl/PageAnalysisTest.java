package dev.jloop.examples.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URI;

class PageAnalysisTest {
    private static final URI BASE = URI.create("http://host:81/dir/page?q");

    @ParameterizedTest
    @CsvSource({
        "next, http://host:81/dir/next",
        "/top#part, http://host:81/top",
        "../up, http://host:81/up",
        "//other/x, http://other/x",
        "HTTPS://other/, HTTPS://other/",
        "/ü, http://host:81/%C3%BC",
    })
    void linksAreResolvedAgainstThePage(String link, URI expected) {
        assertThat(PageAnalysis.resolve(BASE, link)).hasValue(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mailto:a@b",
                "javascript:void(0)",
                "http://",
                "http://a b/",
                "ftp://host/",
                "http:/no-host"
            })
    void linksThatNoCrawlerCanFollowAreLeftOut(String link) {
        assertThat(PageAnalysis.resolve(BASE, link)).isEmpty();
    }

    @Test
    void eachLinkCountsOnce() {
        var analysis =
                PageAnalysis.of(
                        BASE, "<a href=/a>one</a> <a href=/a#b>two</a> <a href=/c>three</a>");

        assertThat(analysis.links())
                .containsExactly(URI.create("http://host:81/a"), URI.create("http://host:81/c"));
        assertThat(analysis.words()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "'one two', 2",
        "java.util.List, 1",
        "'don''t - stop.', 2",
        "'grün 25', 2",
        "'... --', 0"
    })
    void wordsAreLettersAndDigitsWithSingleMarksInside(String text, long expected) {
        assertThat(PageAnalysis.countWords(text)).isEqualTo(expected);
    }
}
