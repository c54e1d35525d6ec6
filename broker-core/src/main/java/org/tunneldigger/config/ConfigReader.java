// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.config;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a configuration file and reports everything that is wrong with it at once. */
public final class ConfigReader {
    /** {@code l2tp99999-99999} has 15 characters, the most that an interface name can have. */
    private static final int HIGHEST_TUNNEL_ID = 99_999;

    private static final int LONGEST_INTERFACE_NAME = 15;
    private static final int LEAST_INTERFACE_MTU = 1280;
    private static final int LARGEST_INTERFACE_MTU = 1446;
    private static final int DAY_SECONDS = 86_400;
    private static final int HOUR_SECONDS = 3_600;
    private static final int MOST_HOOKS_AT_A_TIME = 1_024;

    private static final Map<String, DatapathSetting> DATAPATHS =
            Map.of("AUTO", DatapathSetting.AUTO, "KERNEL", DatapathSetting.KERNEL, "TAP", DatapathSetting.TAP);
    private static final Map<String, LogVerbosity> VERBOSITIES = Map.of(
            "NOTSET", LogVerbosity.NOTSET,
            "DEBUG", LogVerbosity.DEBUG,
            "INFO", LogVerbosity.INFO,
            "WARNING", LogVerbosity.WARNING,
            "WARN", LogVerbosity.WARNING,
            "ERROR", LogVerbosity.ERROR,
            "CRITICAL", LogVerbosity.CRITICAL,
            "FATAL", LogVerbosity.CRITICAL);

    private final IniFile file;
    private final Findings findings;
    private final Values values;

    private ConfigReader(IniFile file, Findings findings) {
        this.file = file;
        this.findings = findings;
        this.values = new Values(file, findings);
    }

    /**
     * Reads a file. Never throws: a file that can't be read is a result as well.
     *
     * @param file its path, used in messages as it is given here
     */
    public static ConfigResult read(Path file) {
        Findings findings = new Findings(file);
        String text = FileText.read(file, findings);
        return text == null ? rejected(findings) : parse(text, findings);
    }

    /**
     * Reads a text as if it were a file's content; the empty text gives all the defaults.
     *
     * @param file the name used in messages; it is not opened
     */
    public static ConfigResult parse(Path file, String text) {
        return parse(text, new Findings(file));
    }

    private static ConfigResult parse(String text, Findings findings) {
        IniFile file = IniFile.parse(text, findings);
        KeyCheck.check(file, findings);
        BrokerConfig config = new ConfigReader(file, findings).config();
        return findings.mistakeCount() > 0 ? rejected(findings) : new ConfigResult.Loaded(config, findings.warnings());
    }

    private static ConfigResult rejected(Findings findings) {
        return new ConfigResult.Rejected(findings.mistakes(), findings.warnings());
    }

    private BrokerConfig config() {
        return new BrokerConfig(
                listen(),
                values.word(ConfigKey.DATAPATH, DATAPATHS, DatapathSetting.AUTO),
                sessions(),
                limits(),
                new BrokerConfig.Hooks(
                        values.secondsAsNanos(ConfigKey.HOOK_TIMEOUT, false, HOUR_SECONDS),
                        values.integer(ConfigKey.HOOK_CONCURRENCY, 1, MOST_HOOKS_AT_A_TIME)),
                new PluginSections(file, values, findings).read(),
                new BrokerConfig.Log(
                        values.word(ConfigKey.VERBOSITY, VERBOSITIES, LogVerbosity.INFO),
                        values.bool(ConfigKey.LOG_IP_ADDRESSES)));
    }

    private BrokerConfig.Listen listen() {
        List<InetAddress> addresses = values.list(
                ConfigKey.ADDRESS,
                item -> AddressText.parse(item, problem -> values.wrong(ConfigKey.ADDRESS, problem)));
        List<Integer> ports = values.list(
                ConfigKey.PORT,
                item -> Values.integer(item, 1, 65_535, problem -> values.wrong(ConfigKey.PORT, problem)));
        if (values.text(ConfigKey.PORT).isEmpty()) {
            values.wrong(ConfigKey.PORT, "there is none");
        }
        return new BrokerConfig.Listen(addresses, ports, interfaceName());
    }

    private @Nullable String interfaceName() {
        String name = values.text(ConfigKey.INTERFACE);
        if (name.isEmpty()) {
            return null;
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_INTERFACE_NAME) {
            values.wrong(
                    ConfigKey.INTERFACE,
                    Findings.quote(name) + " is longer than an interface's name can be (" + LONGEST_INTERFACE_NAME
                            + " bytes)");
        } else if (name.chars().anyMatch(c -> Character.isWhitespace(c) || c == '/' || c == ':')
                || name.equals(".")
                || name.equals("..")) {
            values.wrong(ConfigKey.INTERFACE, Findings.quote(name) + " can't be the name of one interface");
        }
        return name;
    }

    private BrokerConfig.Sessions sessions() {
        int before = findings.mistakeCount();
        int maxTunnels = values.integer(ConfigKey.MAX_TUNNELS, 1, HIGHEST_TUNNEL_ID);
        int idBase = values.integer(ConfigKey.TUNNEL_ID_BASE, 1, HIGHEST_TUNNEL_ID);
        int highest = idBase + maxTunnels - 1;
        if (findings.mistakeCount() == before && highest > HIGHEST_TUNNEL_ID) {
            ConfigKey key =
                    values.line(ConfigKey.TUNNEL_ID_BASE) > 0 ? ConfigKey.TUNNEL_ID_BASE : ConfigKey.MAX_TUNNELS;
            values.wrong(
                    key,
                    "with tunnel_id_base " + idBase + " and max_tunnels " + maxTunnels + " ids reach " + highest
                            + ", above " + HIGHEST_TUNNEL_ID + ": l2tp99999-99999 is the longest interface name");
        }
        int pmtu = values.integer(ConfigKey.PMTU, 0, 65_535);
        if (pmtu != 0 && (pmtu < LEAST_INTERFACE_MTU || pmtu > LARGEST_INTERFACE_MTU)) {
            findings.warning(
                    values.line(ConfigKey.PMTU),
                    "pmtu: clients are told " + pmtu + ", yet the broker's interfaces stay within "
                            + LEAST_INTERFACE_MTU + "…" + LARGEST_INTERFACE_MTU
                            + " (it is the MTU inside the tunnel, not that of the path)");
        }
        return new BrokerConfig.Sessions(maxTunnels, idBase, pmtu);
    }

    private BrokerConfig.Limits limits() {
        BrokerConfig.Limits limits = new BrokerConfig.Limits(
                values.secondsAsNanos(ConfigKey.CONNECTION_RATE_LIMIT, true, DAY_SECONDS),
                values.integer(ConfigKey.CONNECTION_RATE_LIMIT_PER_IP_COUNT, 0, Integer.MAX_VALUE),
                values.secondsAsNanos(ConfigKey.CONNECTION_RATE_LIMIT_PER_IP_TIME, true, DAY_SECONDS));
        boolean countOnly = limits.perAddressCount() > 0 && limits.perAddressWindowNanos() == 0;
        boolean timeOnly = limits.perAddressCount() == 0 && limits.perAddressWindowNanos() > 0;
        if (countOnly || timeOnly) {
            ConfigKey set = countOnly
                    ? ConfigKey.CONNECTION_RATE_LIMIT_PER_IP_COUNT
                    : ConfigKey.CONNECTION_RATE_LIMIT_PER_IP_TIME;
            findings.warning(
                    values.line(set),
                    "the limit per address is off: it takes both connection_rate_limit_per_ip_count and"
                            + " connection_rate_limit_per_ip_time");
        }
        return limits;
    }
}
