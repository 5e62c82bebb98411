package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.examples.crawl.FetchOutcome;
import dev.jloop.examples.crawl.FetchRecord;
import dev.jloop.examples.crawl.Records;
import dev.jloop.examples.site.DemoSite;
import dev.jloop.examples.site.JdkCatalog;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class DemoCheckTest {
    private final DemoSite site = smallSite();
    private final Map<String, Long> sent = new HashMap<>();
    private final List<FetchRecord> records = new ArrayList<>();

    DemoCheckTest() {
        for (var page : site.pages()) {
            sent.put(page.path(), 1000L);
            records.add(Records.fetched(page.path(), 0, 0, 1));
        }
    }

    @Test
    void nothingIsToComplainOfWhereAllCame() {
        assertThat(complaints()).isEmpty();
    }

    @Test
    void aPageThatWasNotFetchedIsNamed() {
        records.removeLast();

        assertThat(complaints()).containsExactly("/types/t was never found");
    }

    @Test
    void aWrongByteCountIsNamedWithBothCounts() {
        sent.put("/", 999L);

        assertThat(complaints()).containsExactly("/: the server sent 999 bytes, but 1000 came");
    }

    @Test
    void aFailedAndADoubleAndAForeignPageAreNamed() {
        records.set(0, Records.record("/", 0, 0, 1, new FetchOutcome.Failed("no")));
        records.add(Records.fetched("/package/p", 0, 0, 1));
        records.add(Records.fetched("/foreign", 0, 0, 1));

        assertThat(complaints())
                .containsExactlyInAnyOrder(
                        "/ failed: no",
                        "/package/p was fetched more than once",
                        "/foreign is linked to but is no page of the site");
    }

    private List<String> complaints() {
        return DemoCheck.complaints(site, sent, records);
    }

    /// The pages `/`, `/module/m`, `/package/p` and `/types/t`.
    private static DemoSite smallSite() {
        var packages = new LinkedHashMap<String, JdkCatalog.PackageEntry>();
        packages.put("p", new JdkCatalog.PackageEntry("p", List.of("Type"), 0));
        var modules = new LinkedHashMap<String, JdkCatalog.ModuleEntry>();
        modules.put("m", new JdkCatalog.ModuleEntry("m", List.of(), packages, 0));
        return DemoSite.of(new JdkCatalog(modules));
    }
}
