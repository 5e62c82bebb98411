package dev.jloop.testkit;

/// Text for XML documents.
final class Xml {
    private static final int REPLACEMENT = 0xFFFD;

    private Xml() {}

    /// {@return `text` with its markup escaped, and what XML 1.0 does not allow replaced}
    static String escape(String text) {
        var escaped = new StringBuilder(text.length());
        text.codePoints().forEach(point -> append(escaped, point));
        return escaped.toString();
    }

    private static void append(StringBuilder escaped, int point) {
        switch (point) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            default -> escaped.appendCodePoint(isAllowed(point) ? point : REPLACEMENT);
        }
    }

    private static boolean isAllowed(int point) {
        var control = point < 0x20 && point != '\t' && point != '\n' && point != '\r';
        var surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
        return !control && !surrogate && point != 0xFFFE && point != 0xFFFF;
    }
}
