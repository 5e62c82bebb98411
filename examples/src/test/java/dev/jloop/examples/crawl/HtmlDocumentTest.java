package dev.jloop.examples.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlDocumentTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<a href=\"x\">",
                "<a href='x'>",
                "<a href=x>",
                "<A class=b HREF = \"x\" title='>'>",
                "<a\nhref=\n\"x\"/>",
                "<a title=\"href=y\" href=x>",
                "<a data-href=y href=x href=z>",
                "<a href=\" x \">"
            })
    void linksAreFoundHoweverTheyAreWritten(String html) {
        assertThat(HtmlDocument.parse(html).links()).containsExactly("x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!-- <a href=x> -->",
                "<script>'<a href=x>'</script>",
                "<STYLE><a href=x></style>",
                "<link href=x>",
                "<abbr href=x>",
                "</a href=x>",
                "< a href=x>",
                "&lt;a href=x&gt;"
            })
    void whatOnlyLooksLikeALinkIsNone(String html) {
        assertThat(HtmlDocument.parse(html).links()).isEmpty();
    }

    @Test
    void entitiesAreDecodedInLinksAndText() {
        var document =
                HtmlDocument.parse(
                        "<a href=\"?a=1&amp;b=2\">5 &lt; 6 &#65;&#x42; &unknown; &#x110000;</a>");

        assertThat(document.links()).containsExactly("?a=1&b=2");
        assertThat(document.text()).isEqualTo("5 < 6 AB &unknown; &#x110000;");
    }

    @Test
    void blocksEndAWordAndInlineElementsDoNot() {
        assertThat(HtmlDocument.parse("<p>un<b>break</b>able</p>next").text().split("\\s+"))
                .containsExactly("", "unbreakable", "next");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<",
                "<a",
                "<a href",
                "<a href=",
                "<a href='x",
                "<!--",
                "<!",
                "</",
                "<script>",
                "a<b",
                "&#"
            })
    void aDocumentThatBreaksOffIsReadToItsEnd(String html) {
        assertThat(HtmlDocument.parse(html).text()).isNotNull();
    }
}
