package org.vpns.examples;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Sets;
import com.google.common.graph.Graph;
import com.google.common.graph.GraphBuilder;
import com.google.common.graph.Graphs;
import com.google.common.graph.MutableGraph;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaMethodReference;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What may depend on what, and what every module and package must bring along. */
class ArchitectureTest {
  private static final Path ROOT = Path.of(System.getProperty("vpns.root", ".."));

  /** Every module, and the other modules that its classes may name. */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          entry("vpns-api", Set.of()),
          entry("vpns-train", Set.of("vpns-api")),
          entry("vpns-prompts", Set.of("vpns-api")),
          entry("vpns-models", Set.of("vpns-api")),
          entry("vpns-onnx", Set.of("vpns-api", "vpns-models")),
          entry("vpns-runtime", Set.of("vpns-api", "vpns-models")),
          entry("vpns-pruners", Set.of("vpns-api", "vpns-train", "vpns-prompts", "vpns-models")),
          entry(
              "vpns-structured",
              Set.of("vpns-api", "vpns-train", "vpns-prompts", "vpns-pruners", "vpns-models")),
          entry("vpns-study", Set.of("vpns-api", "vpns-train")),
          entry("vpns-study-spark", Set.of("vpns-api", "vpns-train", "vpns-study")),
          entry(
              "vpns-examples",
              Set.of(
                  "vpns-api",
                  "vpns-train",
                  "vpns-prompts",
                  "vpns-pruners",
                  "vpns-models",
                  "vpns-onnx",
                  "vpns-runtime",
                  "vpns-structured",
                  "vpns-study")));

  /** Modules that are no more than a pom. */
  private static final Set<String> WITHOUT_CLASSES = Set.of("vpns-bom");

  /** Packages of vpns-api that build on {@code org.vpns} alone, and what else each may name. */
  private static final Map<String, List<String>> GROUND_FLOOR =
      Map.of(
          "org.vpns.internal.io", List.of(),
          "org.vpns.internal.text", List.of(),
          "org.vpns.io", List.of("org.vpns.internal.io"),
          "org.vpns.image", List.of("org.vpns.internal.image"),
          "org.vpns.internal.image", List.of(),
          "org.vpns.report", List.of("org.vpns.internal.io", "org.vpns.internal.text"),
          "org.vpns.select", List.of(),
          "org.vpns.spi", List.of("org.vpns.report"));

  private static final Set<String> NAMES_OF_DJL =
      Set.of("Model", "Block", "Parameter", "Trainer", "Dataset", "Batch", "Metrics");

  private static final int LARGEST_GROUP = 5;

  /** The engine's functions of an array and a number whose gradients read the number again. */
  private static final Set<String> WITH_A_NUMBER = Set.of("mul", "div", "pow", "mod");

  /**
   * Where no gradient flows: values are chosen, counted, prepared, or run once while a file is read
   * and a graph of it is made, which trains in its stead.
   */
  private static final Set<String> WITHOUT_GRADIENTS =
      Set.of(
          "org.vpns.graph.trace.AwakeWeights",
          "org.vpns.internal.curvature.Gates",
          "org.vpns.internal.curvature.MaxChoice",
          "org.vpns.internal.graph.op.Reductions$TopK",
          "org.vpns.internal.network.CountedNetwork",
          "org.vpns.internal.run.Teacher",
          "org.vpns.predict.PromptTranslator");

  private static Map<String, JavaClasses> modules;
  private static JavaClasses all;

  @BeforeAll
  static void readTheClassesOfEveryModule() {
    modules = new LinkedHashMap<>();
    List<Path> paths = new ArrayList<>();
    for (String module : ARROWS.keySet()) {
      Path classes = ROOT.resolve(module).resolve("target/classes");
      if (Files.isDirectory(ROOT.resolve(module).resolve("src/main/java"))) {
        assertThat(classes).as("compile the whole project, not this module alone").isDirectory();
        modules.put(module, new ClassFileImporter().importPath(classes));
        paths.add(classes);
      }
    }
    all = new ClassFileImporter().importPaths(paths);
  }

  private static Set<String> packages(JavaClasses classes) {
    return Set.copyOf(classes.stream().map(JavaClass::getPackageName).toList());
  }

  @Test
  void modules_ofThePom_areThoseOfTheTable() throws IOException {
    List<String> named = new ArrayList<>();
    Matcher module =
        Pattern.compile("<module>([^<]+)</module>")
            .matcher(Files.readString(ROOT.resolve("pom.xml")));
    while (module.find()) {
      named.add(module.group(1));
    }

    assertThat(named)
        .containsExactlyInAnyOrderElementsOf(Sets.union(ARROWS.keySet(), WITHOUT_CLASSES));
    assertThat(modules).containsKeys("vpns-api", "vpns-structured", "vpns-examples");
  }

  @Test
  void packages_ofAllModules_liveInOneModuleEach() {
    Map<String, String> homes = new TreeMap<>();
    modules.forEach(
        (module, classes) ->
            packages(classes)
                .forEach(
                    name ->
                        assertThat(homes.put(name, module)).as("other home of " + name).isNull()));
  }

  @Test
  void modules_dependOnOthers_onlyAlongTheArrows() {
    modules.forEach(
        (module, classes) ->
            modules.forEach(
                (other, otherClasses) -> {
                  if (!other.equals(module) && !ARROWS.get(module).contains(other)) {
                    noClasses()
                        .should()
                        .dependOnClassesThat(
                            resideInAnyPackage(packages(otherClasses).toArray(String[]::new)))
                        .as(module + " names no class of " + other)
                        .check(classes);
                  }
                }));
  }

  @Test
  void rootPackage_ofTheApi_namesNoOtherPackageOfOurs() {
    noClasses()
        .that(resideInAPackage("org.vpns"))
        .should()
        .dependOnClassesThat(resideInAPackage("org.vpns.*..")) // subpackages, not the root itself
        .check(modules.get("vpns-api"));
  }

  @Test
  void groundFloor_ofTheApi_buildsOnTheRootAlone() {
    JavaClasses api = modules.get("vpns-api");
    Set<String> present = packages(api);
    GROUND_FLOOR.forEach(
        (name, others) -> {
          if (present.contains(name)) {
            List<String> allowed = new ArrayList<>(others);
            allowed.add(name);
            noClasses()
                .that(resideInAPackage(name))
                .should()
                .dependOnClassesThat(
                    resideInAPackage("org.vpns.*..")
                        .and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
                .check(api);
          }
        });
    assertThat(present).contains("org.vpns", "org.vpns.report", "org.vpns.spi");
  }

  @Test
  void packages_ofAllModules_haveNoCycle() {
    slices().assignedFrom(new ByPackage()).should().beFreeOfCycles().check(all);
  }

  /** Ours keep it, {@code KeptNumber} and {@code Elementwise.WithNumber}. */
  @Test
  void numbers_thatGradientsReadAgain_areNotLentToTheEngine() {
    Set<String> lending = new TreeSet<>();
    for (JavaClass each : all) {
      boolean ours =
          each.getName().startsWith("org.vpns.internal.onnx.")
              || each.getName().startsWith("org.vpns.internal.graph.op.Elementwise")
              || each.getName().equals("org.vpns.KeptNumber");
      if (!ours
          && Stream.concat(calls(each), references(each))
              .anyMatch(ArchitectureTest::lendsANumber)) {
        lending.add(each.getName());
      }
    }

    assertThat(lending).containsExactlyInAnyOrderElementsOf(WITHOUT_GRADIENTS);
  }

  private static Stream<CodeUnitAccessTarget> calls(JavaClass each) {
    return each.getMethodCallsFromSelf().stream().map(JavaMethodCall::getTarget);
  }

  private static Stream<CodeUnitAccessTarget> references(JavaClass each) {
    return each.getMethodReferencesFromSelf().stream().map(JavaMethodReference::getTarget);
  }

  private static boolean lendsANumber(CodeUnitAccessTarget target) {
    return target.getOwner().getName().equals("ai.djl.ndarray.NDArray")
        && WITH_A_NUMBER.contains(target.getName())
        && target.getRawParameterTypes().get(0).getName().equals("java.lang.Number");
  }

  /** The compiler may not look into a method of ours, and what goes to or from it is an object. */
  @Test
  void vectors_ofTheSparseRuntime_stayInTheMethodThatMadeThem() {
    List<String> passed = new ArrayList<>();
    for (JavaClass type : modules.get("vpns-runtime")) {
      for (JavaCodeUnit unit : type.getCodeUnits()) {
        Stream.concat(unit.getRawParameterTypes().stream(), Stream.of(unit.getRawReturnType()))
            .filter(t -> t.getPackageName().equals("jdk.incubator.vector"))
            .forEach(t -> passed.add(unit.getFullName()));
      }
    }

    assertThat(passed).isEmpty();
  }

  /** The order in which floats are added changes once the compiler has looked into it. */
  @Test
  void lanes_ofTheSparseRuntime_areAddedInAnOrderOfOurs() {
    noClasses()
        .should()
        .callMethodWhere(target(name("reduceLanes")))
        .check(modules.get("vpns-runtime"));
  }

  @Test
  void libraryModules_useAnyEngine_throughDjlAlone() {
    modules.forEach(
        (module, classes) -> {
          if (!module.equals("vpns-examples")) {
            noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("ai.djl.pytorch.."))
                .as(module + " names no class of the PyTorch engine")
                .check(classes);
          }
        });
  }

  @Test
  void classes_ofOurs_takeNoNameOfDjl() {
    assertThat(all.stream().filter(c -> NAMES_OF_DJL.contains(c.getSimpleName())))
        .extracting(JavaClass::getFullName)
        .isSubsetOf("org.vpns.train.Trainer");
  }

  @Test
  void packages_ofAllModules_areNullMarkedAndDescribed() throws IOException {
    for (Map.Entry<String, JavaClasses> module : modules.entrySet()) {
      assertThat(module.getValue()).as(module.getKey()).isNotEmpty();
      for (String name : packages(module.getValue())) {
        JavaPackage javaPackage = module.getValue().getPackage(name);
        assertThat(javaPackage.isAnnotatedWith(NullMarked.class))
            .as("@NullMarked " + name)
            .isTrue();
        Path info =
            ROOT.resolve(module.getKey())
                .resolve("src/main/java")
                .resolve(name.replace('.', '/'))
                .resolve("package-info.java");
        assertThat(info).content().as("description of " + name).contains("/**");
      }
    }
  }

  @Test
  void modules_allOfThem_haveAModuleNameOfTheirOwn() throws IOException {
    for (String module : ARROWS.keySet()) {
      assertThat(ROOT.resolve(module).resolve("pom.xml"))
          .content()
          .contains(
              "<module.name>"
                  + module.replace("vpns-", "org.vpns.").replace('-', '.')
                  + "</module.name>");
    }
    assertThat(ROOT.resolve("pom.xml"))
        .content()
        .contains("<Automatic-Module-Name>${module.name}</Automatic-Module-Name>");
  }

  /** What users see of a type must not need a package that is none of theirs. */
  @Test
  void signatures_ofPublicTypes_nameNoInternalType() {
    List<String> found = new ArrayList<>();
    for (JavaClass type : all) {
      if (isSeen(type) && !isExample(type)) {
        type.getCodeUnits().stream()
            .filter(ArchitectureTest::isSeen)
            .forEach(
                member ->
                    Stream.concat(
                            member.getRawParameterTypes().stream(),
                            Stream.of(member.getRawReturnType()))
                        .filter(named -> isInternal(named.getBaseComponentType()))
                        .forEach(
                            named -> found.add(member.getFullName() + ": " + named.getName())));
        type.getFields().stream()
            .filter(ArchitectureTest::isSeen)
            .filter(field -> isInternal(field.getRawType().getBaseComponentType()))
            .forEach(field -> found.add(field.getFullName()));
        Stream.concat(type.getRawInterfaces().stream(), type.getRawSuperclass().stream())
            .filter(ArchitectureTest::isInternal)
            .forEach(parent -> found.add(type.getName() + " is a " + parent.getName()));
      }
    }
    assertThat(found).isEmpty();
  }

  private static boolean isInternal(JavaClass type) {
    return type.getPackageName().startsWith("org.vpns.internal");
  }

  private static boolean isExample(JavaClass type) {
    return type.getPackageName().startsWith("org.vpns.examples");
  }

  private static boolean isSeen(JavaMember member) {
    Set<JavaModifier> modifiers = member.getModifiers();
    return !modifiers.contains(JavaModifier.SYNTHETIC)
        && (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED));
  }

  /** Whether a user's program can name the type: public, and so is what it stands in. */
  private static boolean isSeen(JavaClass type) {
    return !isInternal(type)
        && type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(ArchitectureTest::isSeen).orElse(true);
  }

  /** The list is what a user may have to learn: a type that joins it is a decision. */
  @Test
  void publicTypes_ofTheLibrary_areThoseOfTheList() throws IOException {
    List<String> seen =
        all.stream()
            .filter(type -> isSeen(type) && !isExample(type) && type.isTopLevelClass())
            .map(JavaClass::getName)
            .sorted()
            .toList();

    assertThat(seen).containsExactlyElementsOf(PublicTypesTest.listed());
  }

  /** Types that all need each other can only be understood together. */
  @Test
  void groups_ofTypesThatNeedEachOther_staySmall() {
    MutableGraph<String> needs = GraphBuilder.directed().allowsSelfLoops(true).build();
    for (JavaClass type : all) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        if (dependency.getTargetClass().getPackageName().startsWith("org.vpns")) {
          needs.putEdge(topLevel(type), topLevel(dependency.getTargetClass()));
        }
      }
    }
    Graph<String> ways = Graphs.transitiveClosure(needs);
    List<Set<String>> groups =
        ways.nodes().stream()
            .map(
                type ->
                    Sets.filter(
                        ways.successors(type), other -> ways.hasEdgeConnecting(other, type)))
            .filter(group -> group.size() > LARGEST_GROUP)
            .map(group -> (Set<String>) new TreeSet<>(group))
            .distinct()
            .toList();

    assertThat(groups).isEmpty();
  }

  private static String topLevel(JavaClass type) {
    return type.getEnclosingClass()
        .map(ArchitectureTest::topLevel)
        .orElse(type.getBaseComponentType().getName());
  }

  @Test
  void jars_ofAllModules_bringLicenceAndNotice() {
    for (String module : modules.keySet()) {
      Path meta = ROOT.resolve(module).resolve("target/classes/META-INF");
      assertThat(meta.resolve("LICENSE")).content().contains("Apache License");
      assertThat(meta.resolve("NOTICE")).content().startsWith("vpns");
    }
  }

  /** One slice per package, the root package included. */
  private static final class ByPackage implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      String name = javaClass.getPackageName();
      return name.startsWith("org.vpns") ? SliceIdentifier.of(name) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages of org.vpns";
    }
  }
}
