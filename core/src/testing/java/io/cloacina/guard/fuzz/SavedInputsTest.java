// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What fuzzing began with and what it has found, as ordinary tests: no fuzzer is needed for them. */
class SavedInputsTest {

    private static final Path INPUTS = Path.of("src/test/resources/fuzz");

    @TestFactory
    List<DynamicTest> harness_savedInput_holds() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path harness : sorted(INPUTS)) {
            MethodHandle method = MethodHandles.publicLookup()
                    .findStatic(
                            Class.forName(harness.getFileName().toString()),
                            "fuzzerTestOneInput",
                            MethodType.methodType(void.class, byte[].class));
            for (Path input : sorted(harness)) {
                byte[] bytes = Files.readAllBytes(input);
                tests.add(dynamicTest(INPUTS.relativize(input).toString(), () -> {
                    method.invokeExact(bytes);
                }));
            }
        }
        assertFalse(tests.isEmpty());
        return tests;
    }

    private static List<Path> sorted(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
