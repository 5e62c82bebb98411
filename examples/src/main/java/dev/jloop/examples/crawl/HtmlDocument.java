package dev.jloop.examples.crawl;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a crawler wants of a page: where it links to, and its text. Any input gives a result, for
/// pages on the web are seldom well formed.
///
/// @param links the `href` of each `a` element, in order, entities decoded, as written otherwise
/// @param text the text outside of tags, comments, scripts and styles; block elements end a word
public record HtmlDocument(List<String> links, String text) {
    private static final Set<String> RAW_TEXT = Set.of("script", "style");
    private static final Set<String> INLINE =
            Set.of(
                    "a", "abbr", "b", "cite", "code", "em", "i", "mark", "s", "small", "span",
                    "strong", "sub", "sup", "u");

    /// {@return the document in `html`}
    ///
    /// @param html any text
    public static HtmlDocument parse(String html) {
        return new Scanner(html).scan();
    }

    /// One pass over the text, left to right.
    private static final class Scanner {
        private final String html;
        private final List<String> links = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private int at;

        Scanner(String html) {
            this.html = html;
        }

        HtmlDocument scan() {
            while (at < html.length()) {
                int tag = html.indexOf('<', at);
                int end = tag < 0 ? html.length() : tag;
                text.append(HtmlEntities.decode(html.substring(at, end)));
                at = end;
                if (at < html.length()) {
                    scanMarkup();
                }
            }
            return new HtmlDocument(List.copyOf(links), text.toString());
        }

        /// At a `<`.
        private void scanMarkup() {
            if (html.startsWith("<!--", at)) {
                skipBehind("-->", at + 4);
            } else if (next(1) == '!' || next(1) == '?') {
                skipBehind(">", at + 1);
            } else if (Character.isLetter(next(1))
                    || (next(1) == '/' && Character.isLetter(next(2)))) {
                scanTag();
            } else {
                text.append('<');
                at++;
            }
        }

        private void scanTag() {
            boolean opening = next(1) != '/';
            at += opening ? 1 : 2;
            var name = take(Scanner::isNameCharacter).toLowerCase(Locale.ROOT);
            scanAttributes(opening && name.equals("a"));
            if (!INLINE.contains(name)) {
                text.append('\n');
            }
            if (opening && RAW_TEXT.contains(name)) {
                skipRawText("</" + name);
            }
        }

        /// Up to the end tag, whose case does not matter.
        private void skipRawText(String endTag) {
            while (at < html.length()
                    && !html.regionMatches(true, at, endTag, 0, endTag.length())) {
                at++;
            }
        }

        /// Up to and with the `>` of the tag.
        private void scanAttributes(boolean takeLink) {
            while (at < html.length() && html.charAt(at) != '>') {
                int before = at;
                var name = take(Scanner::isNameCharacter).toLowerCase(Locale.ROOT);
                take(Character::isWhitespace);
                if (!name.isEmpty() && next(0) == '=') {
                    at++;
                    var value = scanValue();
                    if (takeLink && name.equals("href")) {
                        links.add(HtmlEntities.decode(value).strip());
                        takeLink = false;
                    }
                }
                if (at == before) {
                    skipOne();
                }
            }
            skipOne();
        }

        private String scanValue() {
            take(Character::isWhitespace);
            char quote = next(0);
            if (quote != '"' && quote != '\'') {
                return take(character -> !Character.isWhitespace(character) && character != '>');
            }
            at++;
            var value = take(character -> character != quote);
            skipOne();
            return value;
        }

        private static boolean isNameCharacter(char character) {
            return !Character.isWhitespace(character) && "/>=\"'<".indexOf(character) < 0;
        }

        private String take(CharacterTest test) {
            int from = at;
            while (at < html.length() && test.accepts(html.charAt(at))) {
                at++;
            }
            return html.substring(from, at);
        }

        private void skipOne() {
            at = Math.min(at + 1, html.length());
        }

        private void skipBehind(String end, int from) {
            int found = html.indexOf(end, from);
            at = found < 0 ? html.length() : found + end.length();
        }

        /// NUL stands for the end of the text.
        private char next(int offset) {
            return at + offset < html.length() ? html.charAt(at + offset) : '\0';
        }
    }

    @FunctionalInterface
    private interface CharacterTest {
        boolean accepts(char character);
    }
}
