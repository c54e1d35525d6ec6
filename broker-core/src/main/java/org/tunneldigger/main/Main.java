// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.main;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tunneldigger.config.BrokerConfig;
import org.tunneldigger.config.ConfigMessage;
import org.tunneldigger.config.ConfigReader;
import org.tunneldigger.config.ConfigResult;
import org.tunneldigger.log.LogOutput;

/** The broker's command. */
public final class Main {
    static final int OK = 0;
    static final int CANNOT_START = 1;
    static final int WRONG_INPUT = 2;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(CommandLine.parse(List.of(arguments)), System.out, System.err));
    }

    static int run(CommandLine command, PrintStream out, PrintStream err) {
        if (command instanceof CommandLine.Version) {
            String version = Main.class.getPackage().getImplementationVersion();
            out.println("tunneldigger broker " + (version == null ? "(built from classes)" : version));
            return OK;
        } else if (command instanceof CommandLine.Help) {
            out.print(CommandLine.USAGE);
            return OK;
        } else if (command instanceof CommandLine.Wrong wrong) {
            err.println("broker: " + wrong.text());
            err.print(CommandLine.USAGE);
            return WRONG_INPUT;
        } else if (command instanceof CommandLine.CheckConfig check) {
            ConfigResult result = ConfigReader.read(check.config());
            print(result, err);
            if (result instanceof ConfigResult.Loaded) {
                out.println(check.config() + ": good");
                return OK;
            }
            return WRONG_INPUT;
        }
        CommandLine.Serve serve = (CommandLine.Serve) command;
        ConfigResult result = ConfigReader.read(serve.config());
        if (!(result instanceof ConfigResult.Loaded loaded)) {
            print(result, err);
            return WRONG_INPUT;
        }
        return serve(loaded, err);
    }

    private static int serve(ConfigResult.Loaded loaded, PrintStream err) {
        BrokerConfig config = loaded.config();
        LogOutput.PROCESS.to(err);
        LogOutput.PROCESS.from(config.log().verbosity().level());
        Logger log = LoggerFactory.getLogger(Main.class);
        loaded.warnings().forEach(warning -> log.warn("{}", warning));
        try (Service service = Service.start(config)) {
            service.run();
            return OK;
        } catch (IOException e) {
            log.error("cannot start: {}", e.getMessage());
            if (!log.isErrorEnabled()) {
                err.println("ERROR cannot start: " + e.getMessage());
            }
            log.debug("", e);
            return CANNOT_START;
        }
    }

    private static void print(ConfigResult result, PrintStream err) {
        if (result instanceof ConfigResult.Rejected rejected) {
            for (ConfigMessage mistake : rejected.mistakes()) {
                err.println("error: " + mistake);
            }
        }
        for (ConfigMessage warning : result.warnings()) {
            err.println("warning: " + warning);
        }
    }
}
