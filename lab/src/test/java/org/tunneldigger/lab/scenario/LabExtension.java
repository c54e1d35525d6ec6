// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab.scenario;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.tunneldigger.lab.Lab;

/** Opens a lab for a test that asks for one, and prints its logs when the test fails. */
final class LabExtension implements ParameterResolver, AfterTestExecutionCallback {
    private static final Namespace STORE = Namespace.create(LabExtension.class);

    /** JUnit's store closes what it holds when the test is over. */
    private record Held(Lab lab) implements AutoCloseable {
        @Override
        public void close() {
            lab.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Lab.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(STORE)
                .getOrComputeIfAbsent(Lab.class, key -> new Held(Lab.open()), Held.class)
                .lab();
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        Held held = context.getStore(STORE).get(Lab.class, Held.class);
        if (held != null && context.getExecutionException().isPresent()) {
            System.err.println(
                    "=== " + context.getDisplayName() + " failed\n" + held.lab().evidence());
        }
    }
}
