import { InvalidArgumentError } from "commander";

/** For `argParser`: a whole number from 1. */
export const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("it takes a whole number from 1");
  return number;
};

/** For `argParser`: words, as what is kept for ever must say something. */
export const someWords = (text: string): string => {
  if (text.trim() === "") throw new InvalidArgumentError("it takes some words");
  return text.trim();
};
