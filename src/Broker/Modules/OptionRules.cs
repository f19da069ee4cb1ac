using Broker.Foundation.Settings;
using FluentValidation;

namespace Broker.Modules;

/// <summary>Joins rules between settings, stated with FluentValidation, to the faults of a start.</summary>
internal static class OptionRules
{
    /// <summary>Names the setting that is to be changed where the rule does not hold, and its value.</summary>
    public static IRuleBuilderOptions<T, TProperty> At<T, TProperty>(
        this IRuleBuilderOptions<T, TProperty> rule, Setting setting, Func<T, string?> value) =>
        rule.WithState(options => new Place(setting, value(options)));

    /// <summary>The options themselves.</summary>
    /// <exception cref="BootFailException">Rules do not hold; it has a fault for each of them.</exception>
    public static T Obeying<T>(this T options, IValidator<T> rules)
    {
        var verdict = rules.Validate(options);
        if (verdict.IsValid) return options;
        throw new BootFailException(
        [
            .. verdict.Errors.Select(broken =>
            {
                var place = (Place)broken.CustomState;
                return BootFault.Of(place.Setting, place.Value, broken.ErrorMessage);
            }),
        ]);
    }

    private sealed record Place(Setting Setting, string? Value);
}
