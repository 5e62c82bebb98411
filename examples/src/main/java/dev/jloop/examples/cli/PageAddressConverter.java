package dev.jloop.examples.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Reads the address of a page: absolute, `http` or `https`, with a host.
final class PageAddressConverter implements ITypeConverter<URI> {
    @Override
    public URI convert(String text) {
        try {
            var uri = new URI(text);
            var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
                throw new TypeConversionException(
                        "'" + text + "' is no web address; write it as http://host/path");
            }
            return URI.create(uri.toASCIIString());
        } catch (URISyntaxException malformed) {
            throw new TypeConversionException(
                    "'"
                            + text
                            + "' is no web address: "
                            + malformed.getReason()
                            + " at character "
                            + (malformed.getIndex() + 1));
        }
    }
}
