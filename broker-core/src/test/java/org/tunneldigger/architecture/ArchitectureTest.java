// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;

/** The shape of docs/architecture.md, held. */
@AnalyzeClasses(packages = "org.tunneldigger", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "org.tunneldigger.";

    @ArchTest
    static final ArchRule protocolKnowsTheJdkOnly = classes()
            .that()
            .resideInAPackage(ROOT + "protocol..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(ROOT + "protocol..", "java..", "org.jspecify.."));

    @ArchTest
    static final ArchRule onlyNativeioImportsJnr = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "nativeio..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("jnr..", "com.kenai.."));

    @ArchTest
    static final ArchRule onlyPluginsImportsPf4j = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "plugins..", ROOT + "api..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.pf4j.."));

    @ArchTest
    static final ArchRule onlyConfigImportsIni4j = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "config..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.ini4j.."));

    @ArchTest
    static final ArchRule sessionAndHandshakeArePure = classes()
            .that()
            .resideInAnyPackage(ROOT + "session..", ROOT + "handshake..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    ROOT + "session..",
                    ROOT + "handshake..",
                    ROOT + "protocol..",
                    ROOT + "api.event..",
                    "java.lang..",
                    "java.util..",
                    "java.nio",
                    "java.security..",
                    "javax.crypto..",
                    "org.jspecify.."));

    @ArchTest
    static final ArchRule sessionAndHandshakeAskNoClock = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "session..", ROOT + "handshake..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule netlinkAndDatapathKnowNoSessions = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "netlink..", ROOT + "network..", ROOT + "datapath..", ROOT + "nativeio..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    ROOT + "session..", ROOT + "handshake..", ROOT + "broker..", ROOT + "hooks..", ROOT + "main.."));

    @ArchTest
    static final ArchRule pluginLoadingMakesNoSystemCalls = noClasses()
            .that()
            .resideInAPackage(ROOT + "plugins..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(ROOT + "network..", ROOT + "netlink..", ROOT + "nativeio.."));

    @ArchTest
    static final ArchRule networkKnowsNoHooksOrPlugins = noClasses()
            .that()
            .resideInAPackage(ROOT + "network..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    ROOT + "plugins..",
                    ROOT + "config..",
                    ROOT + "datapath..",
                    ROOT + "api.hook..",
                    ROOT + "api.event.."));

    @ArchTest
    static final ArchRule nobodyUsesMain = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "main..")
            .should()
            .dependOnClassesThat(resideInAPackage(ROOT + "main.."));

    @ArchTest
    static final ArchRule onlyMainUsesTheBroker = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "main..", ROOT + "broker..")
            .should()
            .dependOnClassesThat(resideInAPackage(ROOT + "broker.."));

    /** A packet's session is found by key: what walks over all sessions is for the broker's end alone. */
    @ArchTest
    static final ArchRule noPacketScansTheSessions = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + "broker.Broker")
            .should()
            .callMethod(ROOT + "broker.SessionTable", "snapshot");

    /** Cookies are compared as numbers, in constant time; byte by byte the answer's delay would tell how many were right. */
    @ArchTest
    static final ArchRule cookiesAreComparedInConstantTime = noClasses()
            .that()
            .resideInAPackage(ROOT + "handshake..")
            .should()
            .callMethod(Arrays.class, "equals", byte[].class, byte[].class)
            .orShould()
            .callMethod(Arrays.class, "compare", byte[].class, byte[].class)
            .orShould()
            .callMethod(String.class, "equals", Object.class);

    @ArchTest
    static final ArchRule noPackageCycles =
            slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule noMutableStatics = fields().that()
            .areStatic()
            .and()
            .doNotHaveModifier(JavaModifier.SYNTHETIC)
            .should()
            .beFinal();

    @ArchTest
    static final ArchRule noSingletons =
            methods().should().notHaveName("getInstance").orShould().haveModifier(JavaModifier.SYNTHETIC);

    @ArchTest
    static final ArchRule namesSayWhatAThingIs = noClasses()
            .that()
            .areNotAssignableTo("org.pf4j.PluginManager") // PF4J's own word
            .should()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils");
}
