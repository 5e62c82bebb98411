package dev.jloop.examples.site;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

class DemoSiteTest {
    private static final Pattern LINK = Pattern.compile("href=\"([^\"]+)\"");

    private final JdkCatalog catalog = readCatalog();
    private final DemoSite site = DemoSite.of(catalog);

    @Test
    void thereAreSomeHundredsOfPagesAboutThisJdk() {
        assertThat(site.pages())
                .hasSizeBetween(200, 800)
                .extracting(Page::path)
                .doesNotHaveDuplicates();
        assertThat(site.page("/module/java.base"))
                .get()
                .extracting(Page::html)
                .asString()
                .contains("java.util");
        assertThat(site.page("/package/java.lang"))
                .get()
                .extracting(Page::html)
                .asString()
                .contains("<li>String</li>");
        assertThat(site.page("/package/java.nowhere")).isEmpty();
    }

    @Test
    void everyPageIsReachedByLinksAndEveryLinkLeadsToAPage() {
        var reached = follow("/");

        assertThat(reached)
                .containsExactlyInAnyOrderElementsOf(
                        site.pages().stream().map(Page::path).toList());
    }

    @Test
    void theFrontPageDoesNotLinkToAllPages() {
        assertThat(links("/")).hasSizeLessThan(site.pages().size() / 2);
    }

    @Test
    void theSameJdkGivesTheSameBytes() {
        assertThat(DemoSite.of(readCatalog()).pages()).containsExactlyElementsOf(site.pages());
    }

    private Set<String> follow(String start) {
        var reached = new LinkedHashSet<>(List.of(start));
        var open = new ArrayDeque<>(reached);
        while (!open.isEmpty()) {
            for (var link : links(open.remove())) {
                if (reached.add(link)) {
                    open.add(link);
                }
            }
        }
        return reached;
    }

    private List<String> links(String path) {
        var html = site.page(path).map(Page::html).orElse("");
        return LINK.matcher(html).results().map(match -> match.group(1)).distinct().toList();
    }

    private static JdkCatalog readCatalog() {
        try {
            return JdkCatalog.read();
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }
}
