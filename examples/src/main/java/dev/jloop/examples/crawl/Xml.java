package dev.jloop.examples.crawl;

/// Makes any text fit for an XML document.
final class Xml {
    private static final int REPLACEMENT = 0xFFFD;

    private Xml() {}

    /// {@return the text with its marks escaped, and what XML 1.0 does not allow replaced}
    static String escape(String text) {
        var escaped = new StringBuilder(text.length());
        text.codePoints()
                .forEach(character -> {
                    switch (character) {
                        case '&' -> escaped.append("&amp;");
                        case '<' -> escaped.append("&lt;");
                        case '>' -> escaped.append("&gt;");
                        case '"' -> escaped.append("&quot;");
                        default ->
                                escaped.appendCodePoint(
                                        isAllowed(character) ? character : REPLACEMENT);
                    }
                });
        return escaped.toString();
    }

    private static boolean isAllowed(int character) {
        return character == '\t'
                || character == '\n'
                || character == '\r'
                || (character >= 0x20 && character <= 0xD7FF)
                || (character >= 0xE000 && character <= 0xFFFD)
                || character >= 0x10000;
    }
}
