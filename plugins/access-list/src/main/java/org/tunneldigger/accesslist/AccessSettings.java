// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.accesslist;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.tunneldigger.api.ConfigurationKeys;

/**
 * The plugin's section.
 *
 * @param others what happens to clients that are on no list
 * @param checkInterval how often the files are looked at
 * @param logInterval how long a client's further refusals are not logged
 */
record AccessSettings(
        Optional<Path> allow, Optional<Path> deny, Others others, Duration checkInterval, Duration logInterval) {

    /** What happens to clients that are on no list. */
    enum Others {
        ALLOW,
        DENY
    }

    static AccessSettings read(ConfigurationKeys keys) {
        Optional<Path> allow = keys.path("allow");
        Optional<Path> deny = keys.path("deny");
        if (keys.text("allow").isEmpty() && keys.text("deny").isEmpty()) {
            keys.wrong("allow", "names no file, nor does deny");
        }
        return new AccessSettings(
                allow,
                deny,
                // Being on an allow list means something only if others are denied.
                keys.choice("default", allow.isPresent() ? Others.DENY : Others.ALLOW),
                keys.seconds("check_interval", Duration.ofSeconds(5), Duration.ofMillis(10), Duration.ofHours(1)),
                keys.seconds("log_interval", Duration.ofMinutes(5), Duration.ZERO, Duration.ofDays(1)));
    }
}
