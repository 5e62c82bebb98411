package dev.jloop.examples.http;

/// The character classes of RFC 9110.
final class Tokens {
    private static final int LONGEST_QUOTE = 60;
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private Tokens() {}

    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(Tokens::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || isDigit(character)
                || TOKEN_MARKS.indexOf(character) >= 0;
    }

    static boolean isDigit(int character) {
        return character >= '0' && character <= '9';
    }

    static boolean isFieldValue(String text) {
        return text.chars()
                .allMatch(
                        character -> character == '\t' || (character >= ' ' && character != 0x7F));
    }

    /// A piece of what a peer sent, fit for an error message: short, and without control
    /// characters.
    static String quote(String text) {
        var shown =
                text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
        return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
