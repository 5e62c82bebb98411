package dev.jloop.examples.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/// Reads times such as `500ms`, `2.5s` or `1m`; a number alone is in seconds.
final class DurationConverter implements ITypeConverter<Duration> {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|)");

    @Override
    public Duration convert(String text) {
        var matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no time; write it as 500ms, 2.5s or 1m");
        }
        long unitNanos =
                switch (matcher.group(2)) {
                    case "ms" -> 1_000_000L;
                    case "m" -> 60_000_000_000L;
                    default -> 1_000_000_000L;
                };
        var nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unitNanos));
        var time = Duration.ofNanos(nanos.longValue());
        if (time.isZero()) {
            throw new TypeConversionException(
                    "'" + text + "' is no time to wait; it must be more than zero");
        }
        return time;
    }
}
