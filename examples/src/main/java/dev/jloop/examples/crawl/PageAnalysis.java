package dev.jloop.examples.crawl;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// What was found on a page. To make one is work for a thread of its own, not for the loop.
///
/// @param words the number of words in the page's text
/// @param links the `http` and `https` addresses that it links to, absolute, without fragment, each
///   once
record PageAnalysis(long words, List<URI> links) {
    private static final Pattern WORD =
            Pattern.compile("[\\p{L}\\p{N}]+(?:['’.-][\\p{L}\\p{N}]+)*");

    static PageAnalysis of(URI base, String html) {
        var document = HtmlDocument.parse(html);
        var links = new LinkedHashSet<URI>();
        for (var link : document.links()) {
            resolve(base, link).ifPresent(links::add);
        }
        return new PageAnalysis(countWords(document.text()), List.copyOf(links));
    }

    /// {@return the number of words: letters and digits, joined by single marks as in `java.util`
    /// or `don't`}
    static long countWords(String text) {
        return WORD.matcher(text).results().count();
    }

    /// {@return the address that a link leads to, or empty where it is none that a crawler could
    /// fetch}
    static Optional<URI> resolve(URI base, String link) {
        try {
            var target = base.resolve(new URI(link));
            var scheme =
                    target.getScheme() == null ? "" : target.getScheme().toLowerCase(Locale.ROOT);
            boolean fetchable =
                    (scheme.equals("http") || scheme.equals("https")) && target.getHost() != null;
            return fetchable ? Optional.of(withoutFragment(target)) : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    /// In its one written form, so that two spellings of an address are one page.
    private static URI withoutFragment(URI uri) {
        var text = uri.normalize().toASCIIString();
        int fragment = text.indexOf('#');
        return URI.create(fragment < 0 ? text : text.substring(0, fragment));
    }
}
