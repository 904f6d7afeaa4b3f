// SPDX-License-Identifier: Apache-2.0
/**
 * The Maven plugin: {@link io.cloacina.guard.maven.SignMojo} signs what a project has made and attaches the signatures;
 * {@link io.cloacina.guard.maven.VerifyMojo} verifies it, and what it depends on.
 *
 * <p>A user property is called {@code cloacina-guard.NAME}, as goals are. Not {@code cloacina.NAME}: those are the agent's
 * settings, of which it lets no unknown one pass, and a Maven may itself run with the agent.
 *
 * <p>No secret is a parameter: a POM is published and a command line can be read by others. A parameter names the file, the
 * environment variable or the {@code <server>} of {@code settings.xml} that has it.
 */
@NullMarked
package io.cloacina.guard.maven;

import org.jspecify.annotations.NullMarked;
