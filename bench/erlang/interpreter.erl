%% An interpreter of small expressions runs fib(29): a match over nine constructors, environments as lists of pairs.
-module(interpreter).
-export([main/0]).
eval({num, N}, _, _) -> N;
eval({var, Name}, Env, _) -> find(Name, Env);
eval({add, A, B}, Env, Fs) -> eval(A, Env, Fs) + eval(B, Env, Fs);
eval({sub, A, B}, Env, Fs) -> eval(A, Env, Fs) - eval(B, Env, Fs);
eval({mul, A, B}, Env, Fs) -> eval(A, Env, Fs) * eval(B, Env, Fs);
eval({less, A, B}, Env, Fs) -> case eval(A, Env, Fs) < eval(B, Env, Fs) of true -> 1; false -> 0 end;
eval({'if', C, T, E}, Env, Fs) -> case eval(C, Env, Fs) of 0 -> eval(E, Env, Fs); _ -> eval(T, Env, Fs) end;
eval({'let', Name, Value, Body}, Env, Fs) -> eval(Body, [{Name, eval(Value, Env, Fs)} | Env], Fs);
eval({call, F, Args}, Env, Fs) ->
    case Fs of
        #{F := {Params, Body}} -> eval(Body, bind(Params, Args, Env, Fs), Fs);
        _ -> throw({unknown_function, F})
    end.
bind([], [], _, _) -> [];
bind([P | Ps], [A | Args], Env, Fs) -> [{P, eval(A, Env, Fs)} | bind(Ps, Args, Env, Fs)].
find(Name, [{Name, V} | _]) -> V;
find(Name, [_ | Rest]) -> find(Name, Rest);
find(Name, []) -> throw({unknown_variable, Name}).
fib_body() -> {'if', {less, {var, <<"n">>}, {num, 2}}, {var, <<"n">>},
    {'let', <<"m">>, {sub, {var, <<"n">>}, {num, 1}}, {add, {call, <<"fib">>, [{var, <<"m">>}]}, {call, <<"fib">>, [{sub, {var, <<"m">>}, {num, 1}}]}}}}.
main() ->
    Start = erlang:monotonic_time(microsecond),
    Fs = #{<<"fib">> => {[<<"n">>], fib_body()}},
    io:format("~b~n", [eval({call, <<"fib">>, [{num, 29}]}, [], Fs)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
