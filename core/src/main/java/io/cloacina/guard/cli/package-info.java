// SPDX-License-Identifier: Apache-2.0
/**
 * The command line.
 *
 * <p>{@link io.cloacina.guard.cli.Cloacina} makes the command that is asked for, runs it and turns what comes of it into
 * an exit status; there is one class for each noun ({@code KeyCommand}, {@code TrustCommand}, {@code StoreCommand}) or
 * verb ({@code SignCommand}, {@code VerifyCommand}, …); the nouns that take several classes have packages of their own,
 * {@link io.cloacina.guard.cli.audit} and {@link io.cloacina.guard.cli.doctor}. {@code RootCommand} holds the options
 * that all share, {@code Cli} opens what they name and prints, {@code CliEnvironment} is the process as a command sees
 * it. Decides nothing about keys, trust or packages: {@code sign} and {@code verify} do.
 */
@NullMarked
package io.cloacina.guard.cli;

import org.jspecify.annotations.NullMarked;
