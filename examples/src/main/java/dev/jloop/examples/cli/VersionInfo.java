package dev.jloop.examples.cli;

import picocli.CommandLine.IVersionProvider;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Properties;

/// The version that the build wrote into a resource, and the JVM's.
final class VersionInfo implements IVersionProvider {
    private static final String RESOURCE = "version.properties";

    @Override
    public String[] getVersion() throws IOException {
        var properties = new Properties();
        try (var input = VersionInfo.class.getResourceAsStream(RESOURCE)) {
            if (input == null) {
                throw new FileNotFoundException(RESOURCE + " is missing beside VersionInfo.class");
            }
            properties.load(input);
        }
        return new String[] {
            "jloop " + properties.getProperty("version"), "on Java " + Runtime.version()
        };
    }
}
