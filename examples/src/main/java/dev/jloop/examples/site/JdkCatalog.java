package dev.jloop.examples.site;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What the running JDK consists of: its modules, their exported packages, and the types in them.
///
/// @param modules the modules by name, in alphabetical order
public record JdkCatalog(SequencedMap<String, ModuleEntry> modules) {
    /// A module.
    ///
    /// @param name its name
    /// @param requires the names of the modules it requires, sorted
    /// @param packages the packages it exports to everybody, by name, sorted
    /// @param hiddenPackages how many packages it keeps to itself
    public record ModuleEntry(
            String name,
            List<String> requires,
            SequencedMap<String, PackageEntry> packages,
            int hiddenPackages) {}

    /// An exported package.
    ///
    /// @param name its name
    /// @param types the simple names of its top-level types, sorted
    /// @param nestedTypes how many named types are nested in them
    public record PackageEntry(String name, List<String> types, int nestedTypes) {}

    /// {@return the catalogue of the running JDK} It reads the names of some 27000 classes, which
    /// takes a few tenths of a second: off the loop, please.
    ///
    /// @throws IOException if the JDK's own image cannot be read
    public static JdkCatalog read() throws IOException {
        var modules = new TreeMap<String, ModuleEntry>();
        var references =
                ModuleFinder.ofSystem().findAll().stream()
                        .sorted(
                                Comparator.comparing((ModuleReference reference) ->
                                        reference.descriptor().name()))
                        .toList();
        for (var reference : references) {
            var module = readModule(reference);
            modules.put(module.name(), module);
        }
        return new JdkCatalog(modules);
    }

    private static ModuleEntry readModule(ModuleReference reference) throws IOException {
        var descriptor = reference.descriptor();
        var classesByPackage = classesByPackage(reference);
        var packages = new TreeMap<String, PackageEntry>();
        for (var export : descriptor.exports()) {
            if (!export.isQualified()) {
                var name = export.source();
                packages.put(
                        name, readPackage(name, classesByPackage.getOrDefault(name, List.of())));
            }
        }
        var requires =
                descriptor.requires().stream()
                        .map(ModuleDescriptor.Requires::name)
                        .sorted()
                        .toList();
        int hidden = descriptor.packages().size() - packages.size();
        return new ModuleEntry(descriptor.name(), requires, packages, hidden);
    }

    private static SortedMap<String, List<String>> classesByPackage(ModuleReference reference)
            throws IOException {
        try (var reader = reference.open();
                var names = reader.list()) {
            return names.filter(name -> name.endsWith(".class") && name.indexOf('/') > 0)
                    .collect(
                            Collectors.groupingBy(
                                    name ->
                                            name.substring(0, name.lastIndexOf('/'))
                                                    .replace('/', '.'),
                                    TreeMap::new,
                                    Collectors.mapping(
                                            JdkCatalog::classNameOf, Collectors.toList())));
        }
    }

    private static String classNameOf(String resource) {
        return resource.substring(
                resource.lastIndexOf('/') + 1, resource.length() - ".class".length());
    }

    private static PackageEntry readPackage(String name, List<String> classNames) {
        var types = new ArrayList<String>();
        int nested = 0;
        for (var className : classNames) {
            if (className.indexOf('$') < 0) {
                types.add(className);
            } else if (!Character.isDigit(className.charAt(className.lastIndexOf('$') + 1))) {
                nested++;
            }
        }
        types.remove("package-info");
        types.sort(Comparator.naturalOrder());
        return new PackageEntry(name, List.copyOf(types), nested);
    }
}
