// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that the configuration file says, checked, with the defaults filled in. Deeply immutable: any thread may read
 * it. {@link ConfigReader} makes it; docs/configuration.md describes the keys behind it.
 */
public record BrokerConfig(
        Listen listen,
        DatapathSetting datapath,
        Sessions sessions,
        Limits limits,
        Hooks hooks,
        Plugins plugins,
        Log log) {

    /** Id of the plugin that runs the scripts of {@code [hooks]}. */
    public static final String EXEC_SCRIPTS = "exec-scripts";

    /**
     * Where clients find the broker: every address with every port.
     *
     * @param addresses at least one, none twice; wildcards are {@code 0.0.0.0} and {@code ::}
     * @param ports at least one, none twice, 1…65535
     * @param interfaceName the interface that the sockets are bound to, at most 15 bytes; null: any
     */
    public record Listen(
            List<InetAddress> addresses,
            List<Integer> ports,
            @Nullable String interfaceName) {
        public Listen {
            addresses = List.copyOf(addresses);
            ports = List.copyOf(ports);
        }
    }

    /**
     * The tunnels.
     *
     * @param maxTunnels most tunnels at a time, at least 1
     * @param idBase lowest tunnel id, at least 1; {@code idBase + maxTunnels - 1} is at most 99999
     * @param fixedPmtu tunnel MTU to announce instead of probing the path, in bytes, up to 65535; 0: probe
     */
    public record Sessions(int maxTunnels, int idBase, int fixedPmtu) {}

    /**
     * Limits on new tunnels.
     *
     * @param connectionIntervalNanos least time between two new tunnels of whatever client, in ns; 0: no limit
     * @param perAddressCount new tunnels that one address may open within {@code perAddressWindowNanos}; 0: no limit
     * @param perAddressWindowNanos that time in ns; 0: no limit
     */
    public record Limits(long connectionIntervalNanos, int perAddressCount, long perAddressWindowNanos) {
        /** Whether the limit per address is on: it takes both its numbers. */
        public boolean limitsAddresses() {
            return perAddressCount > 0 && perAddressWindowNanos > 0;
        }
    }

    /**
     * How hooks run, whichever plugin they belong to.
     *
     * @param timeoutNanos how long one hook may run before it is cut off, in ns, above 0
     * @param concurrency how many hooks of different sessions run at a time, at least 1
     */
    public record Hooks(long timeoutNanos, int concurrency) {}

    /**
     * The plugins.
     *
     * @param directory where jars and zips of plugins lie, absolute; null: none but the built-in ones
     * @param enabled ids in the order in which hooks run on a session's way up, none twice
     * @param mandatory ids of those without which the broker does not start
     * @param authorizeFailure what becomes of a client about whom a plugin should decide and doesn't
     * @param sections a plugin's own section by its id. That of {@link #EXEC_SCRIPTS} also holds the non-empty entries of
     *     {@code [hooks]}, keyed by the hook's name
     */
    public record Plugins(
            @Nullable Path directory,
            List<String> enabled,
            List<String> mandatory,
            AuthorizeFailure authorizeFailure,
            Map<String, PluginSection> sections) {
        public Plugins {
            enabled = List.copyOf(enabled);
            mandatory = List.copyOf(mandatory);
            sections = Map.copyOf(sections);
        }

        /** The configuration of one plugin; empty when the file has none for it. */
        public PluginSection section(String id) {
            return sections.getOrDefault(id, new PluginSection(Map.of(), Map.of()));
        }
    }

    /**
     * A plugin's own section.
     *
     * @param values by key, lower-cased
     * @param lines the line of each key, from 1
     */
    public record PluginSection(Map<String, String> values, Map<String, Integer> lines) {
        public PluginSection {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values)); // in the order of the file
            lines = Map.copyOf(lines);
        }
    }

    /**
     * What is logged.
     *
     * @param verbosity the least severe level that is
     * @param ipAddresses whether clients' addresses may appear
     */
    public record Log(LogVerbosity verbosity, boolean ipAddresses) {}
}
