// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.GeneratedHost;
import io.cloacina.guard.agent.hosts.JdkGeneratorsHost;
import io.cloacina.guard.agent.hosts.TransletHost;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Classes that come from no file, through every entry point that the JDK has for them. */
class GeneratedClassesIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    @EachJdk(with = {"lookup", "hidden", "hidden-data", "unsafe", "native"})
    @Retention(RetentionPolicy.RUNTIME)
    private @interface EachWay {}

    private GuardedJvm enforcing(Jdk jdk, String dynamicCode) throws Exception {
        Packages packages = fixture.packages();
        Packages.compile(
                fixture.directory(),
                "io.cloacina.guard.agent.hosts.Generated",
                "package io.cloacina.guard.agent.hosts; public class Generated {}");
        return fixture.enforcing(jdk).set("cloacina.dynamic_code", dynamicCode);
    }

    private Path generated() {
        return fixture.file("io/cloacina/guard/agent/hosts/Generated.class");
    }

    private Result run(Jdk jdk, String way, String dynamicCode) throws Exception {
        return enforcing(jdk, dynamicCode)
                .option("--add-opens=java.base/java.lang=ALL-UNNAMED")
                .option("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
                .run(GeneratedHost.class, way, generated());
    }

    @EachJdk
    void jdkApi_withDynamicCodeDenied_works_butDefinesNothingForOthers(Jdk jdk) throws Exception {
        Result result = enforcing(jdk, "deny").run(JdkGeneratorsHost.class, generated());

        for (String what : new String[] {"beans", "module-info", "reflection", "flight-recorder", "management"}) {
            assertTrue(result.out().contains(what + " WORKS\n"), result::toString);
        }
        assertTrue(result.out().contains("by-handle FAILS"), result::toString);
        assertTrue(result.out().contains("by-reflection FAILS"), result::toString);
        assertEquals(2, result.events("package.load.failure").size(), result::toString);
    }

    @EachJdk
    void translets_withDynamicCodeDenied_areTheJdksOwn_butNotWhatWasPutInTheirPlace(Jdk jdk) throws Exception {
        Result result = enforcing(jdk, "deny")
                .option("--add-opens=java.xml/com.sun.org.apache.xalan.internal.xsltc.trax=ALL-UNNAMED")
                .option("-Djdk.xml.enableTemplatesImplDeserialization=true")
                .run(TransletHost.class, generated());

        assertEquals(
                List.of(
                        "transformer GIVES ab",
                        "twice GIVES ab",
                        "handler GIVES ab",
                        "reflection FAILS PackageRefusedException",
                        "array FAILS PackageRefusedException",
                        "deserialization FAILS PackageRefusedException"),
                result.out().lines().toList(),
                result::toString);
        assertEquals(3, result.events("package.load.failure").size(), result::toString);
    }

    @EachWay
    void generatedClass_withDynamicCodeDenied_isRefused_butNotTheJdksOwn(Jdk jdk, String way) throws Exception {
        Result result = run(jdk, way, "deny");

        String error = way.equals("native") ? "ClassFormatError" : "PackageRefusedException";
        assertEquals("LAMBDA\nPROXY\nREFUSED " + error + "\n", result.out(), result::toString);
        result.event("package.load.failure").assertHas("failure_reason", "dynamic_code");
    }

    @EachWay
    void generatedClass_withDynamicCodeAllowed_isCounted(Jdk jdk, String way) throws Exception {
        Result result = run(jdk, way, "allow");

        assertEquals("LAMBDA\nPROXY\nDEFINED\n", result.out(), result::toString);
        result.events("guard.stopped").get(0).assertHas("dynamic_classes", 1);
        assertTrue(Files.exists(fixture.directory()));
    }
}
