// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.main;

import java.nio.file.Path;
import java.util.List;

/** What the operator asked for. */
sealed interface CommandLine {
    String USAGE = """
            usage: broker [--check-config] CONFIG
                   broker --version | --help

            CONFIG          the configuration file (l2tp_broker.cfg); docs/configuration.md has its keys
            --check-config  read the file, print what is wrong with it, and touch nothing else
            --version       print the version
            --help          print this

            exit status: 0 done, 1 the broker could not start, 2 the command line or the file is wrong
            """;

    record Serve(Path config) implements CommandLine {}

    record CheckConfig(Path config) implements CommandLine {}

    record Version() implements CommandLine {}

    record Help() implements CommandLine {}

    /** @param text what is wrong with the arguments */
    record Wrong(String text) implements CommandLine {}

    static CommandLine parse(List<String> arguments) {
        boolean check = false;
        String config = null;
        for (String argument : arguments) {
            switch (argument) {
                case "--version" -> {
                    return new Version();
                }
                case "--help", "-h" -> {
                    return new Help();
                }
                case "--check-config" -> check = true;
                default -> {
                    if (argument.startsWith("-")) {
                        return new Wrong("unknown option " + argument);
                    }
                    if (config != null) {
                        return new Wrong("two configuration files: " + config + " and " + argument);
                    }
                    config = argument;
                }
            }
        }
        if (config == null) {
            return new Wrong("no configuration file given");
        }
        return check ? new CheckConfig(Path.of(config)) : new Serve(Path.of(config));
    }
}
