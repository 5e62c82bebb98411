package dev.jloop.examples.cli;

import dev.jloop.examples.site.DelayRange;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.time.Duration;
import java.util.regex.Pattern;

/// Reads a range of milliseconds such as `20-300`.
final class DelayRangeConverter implements ITypeConverter<DelayRange> {
    private static final Pattern RANGE = Pattern.compile("(\\d{1,6})-(\\d{1,6})");

    @Override
    public DelayRange convert(String text) {
        var matcher = RANGE.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no range of milliseconds; write it as 20-300");
        }
        long from = Long.parseLong(matcher.group(1));
        long to = Long.parseLong(matcher.group(2));
        if (to < from) {
            throw new TypeConversionException("'" + text + "' ends before it begins");
        }
        return new DelayRange(Duration.ofMillis(from), Duration.ofMillis(to));
    }
}
