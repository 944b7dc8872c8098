package org.vpns.examples;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vpns.testing.MissingArguments;

/** No public member of the library takes null for something, and each says which argument it is. */
class MissingArgumentsTest {
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
          "ScoringContext.images",
          "ScoringContext.network",
          "ScoringContext.warn",
          "SharedScores.Gates.settled",
          "StudyListener.runFailed",
          "StudyListener.runFinished",
          "StudyListener.runStarted",
          "StudyListener.studyStarted",
          "VisualPrompt.draw");

  /** The library makes them, for others to read. */
  private static final List<String> RESULTS =
      List.of(
          "new BatchNormFolding",
          "new ChannelPlan.Group",
          "new ChannelRecord",
          "new ChannelRecord.Group",
          "new ChannelReport",
          "new ChannelWidth",
          "new Comparison.Row",
          "new ForwardPass",
          "new GraphNode",
          "new GraphParameter",
          "new GraphTensor",
          "new LatencySearch.Found",
          "new LayerCollapse",
          "new LayerCost",
          "new LayerRecord",
          "new LoadReport",
          "new MappedHead",
          "new ModelGraph.Reader",
          "new Operator.Sizes",
          "new PromptRecord",
          "new PruneReport",
          "new RunListener.StageStart",
          "new RunListener.Step",
          "new RunListener.Work",
          "new SearchResults.Trial",
          "new StageRecord");

  @TestFactory
  Stream<DynamicTest> everyMember_anArgumentIsNull_namesIt() throws Exception {
    List<Class<?>> types = new ArrayList<>();
    for (String name : PublicTypesTest.listed()) {
      // without Spark it cannot be looked at: asked beside its own tests
      if (!name.equals("org.vpns.study.spark.SparkWorkers")) {
        addWithNested(Class.forName(name), types);
      }
    }
    List<String> exempt = Stream.of(MESSAGES, HOOKS, RESULTS).flatMap(List::stream).toList();
    return MissingArguments.of(types, exempt);
  }

  private static void addWithNested(Class<?> type, List<Class<?>> types) {
    if (Modifier.isPublic(type.getModifiers())) {
      types.add(type);
      for (Class<?> nested : type.getDeclaredClasses()) {
        addWithNested(nested, types);
      }
    }
  }
}
