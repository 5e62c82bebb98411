package dev.jloop.examples.http;

import java.io.IOException;
import java.net.URI;

/// An address that the client cannot fetch: not `http`, or without a host.
public final class UnsupportedAddressException extends IOException {
    private static final long serialVersionUID = 1L;

    UnsupportedAddressException(URI uri) {
        super(explain(uri));
    }

    private static String explain(URI uri) {
        if (uri.getHost() == null) {
            return "no host in the address " + uri + "; write it as http://host/path";
        }
        return "https".equalsIgnoreCase(uri.getScheme())
                ? "https is not supported yet, because TLS is not there yet; use an http address"
                : "cannot fetch '" + uri.getScheme() + "' addresses, only http";
    }
}
