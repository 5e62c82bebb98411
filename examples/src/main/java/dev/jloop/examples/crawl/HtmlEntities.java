package dev.jloop.examples.crawl;

import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Decodes character references: the numeric ones, and the few named ones that plain pages use.
final class HtmlEntities {
    private static final Pattern REFERENCE =
            Pattern.compile("&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,5}));");
    private static final Map<String, String> NAMED =
            Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", "\u00A0");

    private HtmlEntities() {}

    /// {@return the text with its references decoded; what is no known reference stays}
    static String decode(String text) {
        return text.indexOf('&') < 0
                ? text
                : REFERENCE
                        .matcher(text)
                        .replaceAll(match -> Matcher.quoteReplacement(decode(match)));
    }

    private static String decode(MatchResult match) {
        if (match.group(1) != null) {
            return character(Integer.parseInt(match.group(1)), match.group());
        }
        if (match.group(2) != null) {
            return character(Integer.parseInt(match.group(2), 16), match.group());
        }
        return NAMED.getOrDefault(match.group(3), match.group());
    }

    private static String character(int codePoint, String otherwise) {
        return Character.isValidCodePoint(codePoint) ? Character.toString(codePoint) : otherwise;
    }
}
