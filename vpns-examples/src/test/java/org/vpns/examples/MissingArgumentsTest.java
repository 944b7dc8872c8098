package org.vpns.examples;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vpns.graph.GraphRun;
import org.vpns.graph.op.Operator;
import org.vpns.study.StudyListener;
import org.vpns.testing.MissingArguments;
import org.vpns.train.RunListener;

/** No public member of the library takes null for something, and each says which argument it is. */
class MissingArgumentsTest {
  /** Examples are programs, and classes of Spark are looked at beside its own tests. */
  private static final Set<String> NOT_ASKED = Set.of("vpns-examples", "vpns-study-spark");

  /** They write messages, in which null is a text like any other. */
  private static final List<String> MESSAGES =
      List.of(
          "Problem.message",
          "Problem.argument",
          "Problem.state",
          "Problem.visible",
          "Problem.listed",
          "Problem.nearest",
          "Problem.given",
          "Problem.givenEach",
          "new FormatException",
          "FormatException.causedBy");

  /** The library calls them on what others wrote; their code is the answer of who says nothing. */
  private static final List<String> HOOKS =
      List.of(
          "LayerwiseCost.of",
          "MovingMask.Movement.visit",
          "Operator.generalise",
          "Operator.macs",
          "Operator.outputType",
          "Region.draw",
          "Regulariser.Term.epochEnded",
          "Regulariser.Term.visit",
          "RunListener.epochFinished",
          "RunListener.runFailed",
          "RunListener.runFinished",
          "RunListener.runStarted",
          "RunListener.stageFinished",
          "RunListener.stageStarted",
          "RunListener.stepFinished",
          "RunListener.warned",
          "RunListener.workAdvanced",
          "ScoringContext.warn",
          "SharedScores.Gates.settled",
          "StudyListener.runFailed",
          "StudyListener.runFinished",
          "StudyListener.runStarted",
          "StudyListener.studyStarted",
          "StudyListener.timeGiven",
          "VisualPrompt.draw");

  /** Their objects are called by graphs and by runs, which have what they hand on. */
  private static final List<Class<?>> NOT_GIVEN =
      List.of(Operator.class, GraphRun.Rule.class, RunListener.class, StudyListener.class);

  @TestFactory
  Stream<DynamicTest> everyMember_anArgumentIsNull_namesIt() throws Exception {
    List<String> exempt = Stream.of(MESSAGES, HOOKS).flatMap(List::stream).toList();
    return MissingArguments.of(types(), exempt);
  }

  /** The library's types: those that users can name, and others whose objects they may be given. */
  private static List<Class<?>> types() throws IOException, ReflectiveOperationException {
    List<Class<?>> types = new ArrayList<>();
    try (DirectoryStream<Path> modules = Files.newDirectoryStream(Snippets.ROOT, "vpns-*")) {
      for (Path module : modules) {
        Path sources = module.resolve("src/main/java");
        if (Files.isDirectory(sources) && !NOT_ASKED.contains(module.getFileName().toString())) {
          try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(MissingArgumentsTest::isType).toList()) {
              addWithNested(Class.forName(name(sources.relativize(file))), types);
            }
          }
        }
      }
    }
    return types;
  }

  private static boolean isType(Path file) {
    return file.toString().endsWith(".java") && !file.endsWith("package-info.java");
  }

  private static String name(Path source) {
    return source.toString().replaceFirst("[.]java$", "").replace(File.separatorChar, '.');
  }

  private static void addWithNested(Class<?> type, List<Class<?>> types) {
    add(type, types);
    for (Class<?> nested : type.getDeclaredClasses()) {
      addWithNested(nested, types);
    }
    for (int i = 1; ; i++) {
      try {
        add(Class.forName(type.getName() + "$" + i), types);
      } catch (ClassNotFoundException e) {
        return;
      }
    }
  }

  private static void add(Class<?> type, List<Class<?>> types) {
    if (NOT_GIVEN.stream()
        .noneMatch(contract -> contract != type && contract.isAssignableFrom(type))) {
      types.add(type);
    }
  }
}
