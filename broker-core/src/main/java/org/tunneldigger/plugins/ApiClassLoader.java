// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.plugins;

/**
 * What plugins see of the broker: the JDK, the plugin API, PF4J and SLF4J, nothing else. As parent that is asked first
 * it makes the API's classes the broker's own for every plugin, whatever a jar contains, while a plugin's other libraries
 * never meet those of the broker.
 */
final class ApiClassLoader extends ClassLoader {
    private final ClassLoader broker;

    ApiClassLoader(ClassLoader broker) {
        super("tunneldigger-api", ClassLoader.getPlatformClassLoader());
        this.broker = broker;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (name.startsWith("org.tunneldigger.api.") || name.startsWith("org.pf4j.") || name.startsWith("org.slf4j.")) {
            return broker.loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }
}
